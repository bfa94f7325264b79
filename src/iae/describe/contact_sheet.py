"""Which pictures go on the contact sheet, and reading them."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from PIL import ImageOps

from iae.data.dataset import Dataset
from iae.errors import ImageError
from iae.figures.contact_sheet import Picture
from iae.images.decode import load_photo
from iae.labels import EMOTIONS
from iae.stats.counts import ImageLabels

_SIDE = 192
"""Pixels; at 300 dots an inch a little more than is printed."""
_TRIES = 8
"""Pictures tried for each one wanted, so that a copy without pictures does not cost a search."""


@dataclass
class ChosenPictures:
    """Pictures for the sheet, and what went wrong on the way."""

    rows: dict[str, dict[str, list[Picture]]] = field(default_factory=dict)
    """Emotion -> ``high`` and ``low``, or ``images`` where no quality is known -> pictures."""
    unreadable: list[str] = field(default_factory=list)
    """Names and reasons; another picture was taken in the place of each, if there was one."""

    @property
    def shown(self) -> int:
        """Pictures that were read."""
        return sum(len(pictures) for row in self.rows.values() for pictures in row.values())


def choose_pictures(
    dataset: Dataset, labels: ImageLabels, *, columns: int, seed: int = 0
) -> ChosenPictures:
    """Draw pictures of each emotion and quality at random and read them.

    Emotions without an image of their own have no row. The same seed draws the same pictures.
    """
    known = ((labels.emotion >= 0) & (labels.quality >= 0)).any()
    blocks = {"high": 0, "low": 1} if known else {"images": None}
    chosen = ChosenPictures()
    for number, emotion in enumerate(EMOTIONS):
        of_emotion = labels.emotion == number
        if not of_emotion.any():
            continue
        row = chosen.rows[emotion] = {}
        for block, quality in blocks.items():
            mask = of_emotion if quality is None else of_emotion & (labels.quality == quality)
            rng = np.random.default_rng([seed, number, quality or 0])
            order = rng.permutation(np.flatnonzero(mask))[: columns * _TRIES]
            row[block] = list(_read(dataset, order.tolist(), columns, chosen.unreadable))
    return chosen


def _read(
    dataset: Dataset, order: list[int], wanted: int, unreadable: list[str]
) -> Iterator[Picture]:
    read = 0
    for i in order:
        record = dataset.records[i]
        try:
            photo = load_photo(io.BytesIO(dataset.store.read(record)), min_side=_SIDE)
        except ImageError as error:
            unreadable.append(f"{record.name}: {error}")
            continue
        yield np.asarray(ImageOps.fit(photo, (_SIDE, _SIDE)))
        read += 1
        if read == wanted:
            return
