"""``Scorer``: the function an application calls."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iae.config import SCORED_TASKS
from iae.errors import ImageError
from iae.images.preprocess import Pixels, load_pixels
from iae.labels import POSITIVE_EMOTIONS
from iae.metrics import Calibration, level_mean
from iae.scoring.scores import PhotoScore
from iae.scoring.session import BATCH, DEFAULT_MODEL, ModelInfo, ModelSession, Prediction

DECIMALS = 4
"""Numbers are rounded to this: beyond it they differ between processors."""

_TOLD = {
    "aesthetic": ("aesthetic_mean", "aesthetic_std", "levels", "high_prob", "interval"),
    "emotion": ("emotions", "positive_prob"),
}
"""What is told of each task."""


class Scorer:
    """Scores photos for aesthetics and emotion.

    ``Scorer().score("photo.jpg").aesthetic_mean`` is a number in [1, 10].
    """

    def __init__(self, model: str | Path = DEFAULT_MODEL, *, threads: int = 0) -> None:
        """Load a model: the one that comes with the package, or an ``.onnx`` of ``iae export``.

        Raises:
            CheckpointError: the file is no such model.
        """
        self.path = Path(model)
        """The model file."""
        self._session = ModelSession(self.path, threads=threads)

    @property
    def info(self) -> ModelInfo:
        """What the model says about itself."""
        return self._session.info

    def score(self, photo: str | Path) -> PhotoScore:
        """Score one photo file.

        Raises:
            ImageError: the photo cannot be read; the text names it and says why.
        """
        try:
            pixels = load_pixels(Path(photo), self.info.preprocess)
        except ImageError as error:
            raise ImageError(f"{photo}: {error}") from None
        return self.score_pixels([(str(photo), pixels)])[0]

    def predict(self, pixels: Pixels) -> Prediction:
        """What the network says, before it is put in words; (N, size, size, 3) uint8, any N."""
        return self._session.predict(pixels)

    def score_pixels(self, photos: Iterable[tuple[str, Pixels | ImageError]]) -> list[PhotoScore]:
        """Score prepared photos in one go; an ``ImageError`` in a photo's place becomes its row."""
        photos = list(photos)
        readable = [pixels for _, pixels in photos if not isinstance(pixels, ImageError)]
        rows: Iterator[PhotoScore] = iter(())
        if readable:
            names = [name for name, pixels in photos if not isinstance(pixels, ImageError)]
            prediction = self._session.predict(np.stack(readable))
            rows = iter(
                photo_scores(
                    names,
                    prediction.level_probs,
                    prediction.emotion_probs,
                    calibration=self.info.calibration,
                    tasks=self.info.tasks,
                )
            )
        return [
            PhotoScore(path=name, error=str(pixels)) if isinstance(pixels, ImageError)
            else next(rows)
            for name, pixels in photos
        ]  # fmt: skip

    def score_stream(
        self, photos: Iterable[tuple[str, Pixels | ImageError]]
    ) -> Iterator[PhotoScore]:
        """Score prepared photos batch by batch, in their order; opens no file."""
        remaining = iter(photos)
        while batch := list(islice(remaining, BATCH)):
            yield from self.score_pixels(batch)


def photo_scores(
    names: Iterable[str],
    level_probs: NDArray[np.floating],
    emotion_probs: NDArray[np.floating],
    *,
    calibration: Calibration,
    tasks: Collection[str] = SCORED_TASKS,
) -> list[PhotoScore]:
    """Network outputs in the words of a :class:`PhotoScore`; (N, 4) and (N, 8), N names.

    P(high) is the chance that the mean rating is 5 or more, if predictions miss it by a normal
    error as large as on validation photos. Nothing is said of a task that is not among ``tasks``.
    """
    mean, std = level_mean(level_probs), calibration.spread(level_probs)
    high = calibration.high_prob(level_probs)
    bounds = calibration.interval(level_probs)
    positive = emotion_probs[:, : len(POSITIVE_EMOTIONS)].sum(axis=1)
    scores = [
        PhotoScore(
            path=name,
            aesthetic_mean=_rounded(mean[i]),
            aesthetic_std=_rounded(std[i]),
            levels=tuple(_rounded(share) for share in level_probs[i]),
            high_prob=_rounded(high[i]),
            emotions=tuple(_rounded(share) for share in emotion_probs[i]),
            positive_prob=_rounded(min(positive[i], 1.0)),
            interval=None if bounds is None else (_rounded(bounds[i, 0]), _rounded(bounds[i, 1])),
        )
        for i, name in enumerate(names)
    ]
    silent: dict[str, Any] = {
        name: None for task, told in _TOLD.items() if task not in tasks for name in told
    }
    return [replace(score, **silent) for score in scores] if silent else scores


def _rounded(value: float) -> float:
    return round(float(value), DECIMALS)
