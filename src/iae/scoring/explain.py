"""What a score looked at: a heat map by occlusion, with nothing but the exported model.

Zeiler and Fergus (2014), "Visualizing and understanding convolutional networks", hid one spot of
the photo after another and watched the output. A grey square is itself something to look at, so a
spot is replaced here by its own blurred copy under a soft edge (after Fong and Vedaldi 2017): the
map shows **where detail matters**. It cannot show what a smooth sky or the composition of the whole
is worth, since hiding detail there changes nothing; spots that stand in for each other, as two
faces may, each look unimportant; and it tells what the network used, not what is beautiful.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from iae.errors import CheckpointError, ImageError
from iae.images.decode import decode_photo
from iae.images.preprocess import Pixels, to_pixels
from iae.labels import EMOTIONS
from iae.metrics import level_mean
from iae.scoring.scorer import Scorer
from iae.scoring.session import BATCH

AESTHETIC = "aesthetic"

TARGETS = (AESTHETIC, *EMOTIONS)
"""What can be explained: the score, in points of ten, or the probability of one emotion."""

STEPS = BATCH
"""Spots along each side; a row of them is one call of the network."""

_SPOT = 0.1
"""Standard deviation of a spot, as a share of the side: it hides about a quarter of each side."""

_BLUR = 0.125
"""Standard deviation of the blur that hides, as a share of the side."""

Heat = NDArray[np.float64]


@dataclass(frozen=True)
class Explanation:
    """Where one photo's score, or one of its emotions, came from."""

    target: str
    """One of ``TARGETS``."""
    baseline: float
    """What the model says of the whole photo: a score in [1, 10], or a probability."""
    heat: Heat
    """(size, size) over the network's input. How much lower the value is with the detail around a
    pixel hidden, in the unit of ``baseline``: above 0 where detail raises the value, below 0 where
    it lowers it."""
    photo: Image.Image
    """The photo as decoded, upright."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom of the part of ``photo`` that the network saw, in pixels."""


def explain_photo(scorer: Scorer, path: Path, target: str = AESTHETIC) -> Explanation:
    """Find out where in a photo a score comes from; 257 inferences, a second or two.

    Args:
        scorer: the model.
        path: the photo, only read.
        target: ``aesthetic``, or the name of an emotion.

    Raises:
        ImageError: the photo cannot be read; the text names it and says why.
        CheckpointError: the model was trained for the other task alone.
        ValueError: there is no such target.
    """
    value = _value_of(scorer, target)
    spec = scorer.info.preprocess
    try:
        photo = decode_photo(path, min_side=spec.decode_side).image
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None
    baseline, heat = occlusion(to_pixels(photo, spec), value)
    width, height = photo.size
    left, top = 0, 0
    if spec.aspect == "crop":
        left, top = (width - min(photo.size)) // 2, (height - min(photo.size)) // 2
    box = (left, top, width - left, height - top)
    return Explanation(target=target, baseline=baseline, heat=heat, photo=photo, box=box)


def occlusion(pixels: Pixels, value: Callable[[Pixels], Heat]) -> tuple[float, Heat]:
    """The value of a picture, and how much of it goes when detail around each pixel is hidden.

    Args:
        pixels: (H, W, 3) uint8.
        value: (N, H, W, 3) uint8 -> (N,), of pictures independently of each other; called with at
            most ``STEPS`` of them.

    Returns:
        The value, and (H, W): the mean loss over the spots that hide a pixel, weighted by how far
        they hide it. 0 throughout for a picture of one colour.
    """
    hidden = _blurred(pixels)
    rows, columns = (_spots(side) for side in pixels.shape[:2])  # (STEPS, H), (STEPS, W)
    baseline = float(value(pixels[None])[0])
    losses = baseline - np.stack(
        [
            value(np.stack([_hide(pixels, hidden, row, column) for column in columns]))
            for row in rows
        ]
    )  # (STEPS, STEPS)
    weight = np.outer(rows.sum(axis=0), columns.sum(axis=0))  # (H, W)
    return baseline, rows.T @ losses @ columns / weight


def _value_of(scorer: Scorer, target: str) -> Callable[[Pixels], Heat]:
    if (task := AESTHETIC if target == AESTHETIC else "emotion") not in scorer.info.tasks:
        raise CheckpointError(f"{scorer.path} was not trained for the task '{task}', so there is "
                              "nothing to explain; take another --model")  # fmt: skip
    if target == AESTHETIC:
        return lambda pixels: level_mean(scorer.predict(pixels).level_probs)
    if target not in EMOTIONS:
        raise ValueError(f"'{target}' cannot be explained; choose one of {', '.join(TARGETS)}")
    column = EMOTIONS.index(target)
    return lambda pixels: scorer.predict(pixels).emotion_probs[:, column].astype(np.float64)


def _spots(side: int) -> Heat:
    """How far spots along one side hide each pixel, in [0, 1]; (STEPS, side), edge to edge."""
    centres = np.linspace(0, side - 1, STEPS)
    distances = (np.arange(side) - centres[:, None]) / (_SPOT * side)
    return np.asarray(np.exp(-(distances**2) / 2))


def _hide(pixels: Pixels, hidden: Pixels, row: Heat, column: Heat) -> Pixels:
    share = np.outer(row, column)[..., None].astype(np.float32)  # (H, W, 1)
    mixed = pixels + share * (hidden.astype(np.float32) - pixels)
    return mixed.round().astype(np.uint8)


def _blurred(pixels: Pixels) -> Pixels:
    radius = _BLUR * min(pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))
