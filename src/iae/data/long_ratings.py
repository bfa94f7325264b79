"""Ratings with one row a rating, as PARA and EVA publish them, read in one pass over the file."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from iae.data.defects import Defect
from iae.data.emotion_names import emotion_named, is_neutral
from iae.data.ratings import Ratings
from iae.data.text_rows import to_number
from iae.labels import EMOTIONS, to_ten_point

NO_VOTE, NEUTRAL = -1, len(EMOTIONS)
"""Codes of a missing vote and of "no emotion" beside the places in ``EMOTIONS``."""


@dataclass(frozen=True, kw_only=True)
class LongColumns:
    """Where the cells of a rating are in its row."""

    width: int
    """Cells of a row."""
    image: tuple[int, ...]
    """Their texts, joined by slashes, are the name of the image."""
    rater: int
    questions: Mapping[str, tuple[int, tuple[float, float]]]
    """Question -> its column and its (worst, best) score."""
    emotion: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class LongRatings:
    """R rows by M raters of N images, with Q questions each."""

    images: Sequence[str]
    """(N,) in the order of their first rows."""
    raters: Sequence[str]
    """(M,) in the order of their first rows."""
    image: NDArray[np.int32]
    """(R,) index into ``images``."""
    rater: NDArray[np.int32]
    """(R,) index into ``raters``."""
    line: NDArray[np.int32]
    """(R,) line of the row."""
    scores: Mapping[str, NDArray[np.float64]]
    """Question -> (R,) scores on [1, 10], NaN where one is missing."""
    scales: Mapping[str, tuple[float, float]]
    """Question -> the scale that the raters saw."""
    emotion: NDArray[np.int8]
    """(R,) place in ``EMOTIONS``, ``NEUTRAL`` or ``NO_VOTE``."""
    defects: list[Defect] = field(default_factory=list)

    def ratings(self, question: str, names: Sequence[str]) -> Ratings:
        """The ratings of one question; ``names`` are those of the images' records."""
        value = self.scores[question]
        there = ~np.isnan(value)
        return Ratings(
            items=names, raters=self.raters, item=self.image[there], rater=self.rater[there],
            value=value[there], scale=self.scales[question],
        )  # fmt: skip

    def means(self, question: str) -> NDArray[np.float64]:
        """(N,) mean score of each image on [1, 10], NaN where nobody answered."""
        return self.ratings(question, self.images).mean_per_item()

    def emotion_votes(self) -> NDArray[np.int64]:
        """(N, 9) votes for each of ``EMOTIONS``, and for none of them last."""
        voted = self.emotion != NO_VOTE
        cell = self.image[voted].astype(np.int64) * (NEUTRAL + 1) + self.emotion[voted]
        counts = np.bincount(cell, minlength=len(self.images) * (NEUTRAL + 1))
        return counts.reshape(len(self.images), NEUTRAL + 1)


_WRONG = -np.inf
"""Stands for a cell that is no score on the scale; never leaves this module."""


class _Scores(dict[str, float]):
    """Text of a cell -> score on [1, 10]; NaN for an empty cell, ``_WRONG`` for a wrong one.

    Ratings repeat the same few texts a million times: each is checked and converted once.
    """

    def __init__(self, question: str, scale: tuple[float, float]) -> None:
        super().__init__()
        self.question, self.scale = question, scale
        self.wrong: dict[str, tuple[str, str]] = {}

    def __missing__(self, text: str) -> float:
        self[text] = self._convert(text)
        return self[text]

    def _convert(self, text: str) -> float:
        if not text.strip():
            return np.nan
        worst, best = self.scale
        try:
            value = to_number(text)
        except ValueError as error:
            self.wrong[text] = ("bad-value", f"{self.question}: {error}")
            return _WRONG
        if not worst <= value <= best:
            self.wrong[text] = ("off-scale", f"{self.question}: {value:g} lies outside the scale "
                                f"{worst:g} to {best:g}")  # fmt: skip
            return _WRONG
        return to_ten_point(value, self.scale)


class _Emotions(dict[str, int | None]):
    """Text of a cell -> code of the vote, None for a wrong one."""

    def __missing__(self, text: str) -> int | None:
        emotion = emotion_named(text)
        if emotion is not None:
            self[text] = EMOTIONS.index(emotion)
        elif not text.strip():
            self[text] = NO_VOTE
        else:
            self[text] = NEUTRAL if is_neutral(text) else None
        return self[text]


def read_long_ratings(
    rows: Iterable[tuple[int, list[str]]], columns: LongColumns, file: str
) -> LongRatings:
    """Read ratings; what is wrong with a cell or a row becomes a defect.

    A wrong cell counts as missing and the rest of its row is kept. A row that repeats another one
    of the same rater and image in everything is left out; one that differs is a second rating.

    Args:
        rows: (line, cells) below the header.
        columns: where the cells are.
        file: its name, for the defects.
    """
    collected = _Collected(columns, file)
    for line, cells in rows:
        collected.add(line, cells)
    return collected.result()


class _Collected:
    """The rows so far, as flat arrays: 800,000 rows of Python objects would take a gigabyte."""

    def __init__(self, columns: LongColumns, file: str) -> None:
        self._columns, self._file = columns, file
        self._images: dict[str, int] = {}
        self._raters: dict[str, int] = {}
        self._image, self._rater, self._line = array("i"), array("i"), array("i")
        self._values, self._emotion = array("d"), array("b")
        self._caches = [_Scores(name, scale) for name, (_, scale) in columns.questions.items()]
        self._places = [place for place, _ in columns.questions.values()]
        self._emotions = _Emotions()
        self._defects: list[Defect] = []

    def add(self, line: int, cells: list[str]) -> None:
        """Take one row."""
        columns = self._columns
        if len(cells) != columns.width:
            self._wrong("bad-row", line, f"{len(cells)} cells, the header has {columns.width}")
            return
        parts = [cells[place].strip() for place in columns.image]
        rater = cells[columns.rater].strip()
        if not (rater and all(parts)):
            self._wrong("bad-row", line, "the image or the rater is missing")
            return
        row = [cache[cells[place]] for cache, place in zip(self._caches, self._places, strict=True)]
        self._values.extend(self._checked(line, cells, row))
        self._emotion.append(self._vote(line, cells))
        self._image.append(self._images.setdefault("/".join(parts), len(self._images)))
        self._rater.append(self._raters.setdefault(rater, len(self._raters)))
        self._line.append(line)

    def _vote(self, line: int, cells: list[str]) -> int:
        if self._columns.emotion is None:
            return NO_VOTE
        text = cells[self._columns.emotion]
        vote = self._emotions[text]
        if vote is None:
            self._wrong("bad-value", line, f"emotion '{text}' is not one of {', '.join(EMOTIONS)}")
            return NO_VOTE
        return vote

    def _checked(self, line: int, cells: list[str], row: list[float]) -> list[float]:
        """The row with wrong scores reported, and missing from it."""
        if _WRONG not in row:
            return row
        for q, (cache, place) in enumerate(zip(self._caches, self._places, strict=True)):
            if row[q] == _WRONG:
                code, text = cache.wrong[cells[place]]
                self._wrong(code, line, text)
                row[q] = np.nan
        return row

    def _wrong(self, code: str, line: int, text: str) -> None:
        self._defects.append(Defect(code, f"{self._file}:{line}", text))

    def result(self) -> LongRatings:
        """What was taken, without doubled rows."""
        values = np.array(self._values).reshape(len(self._image), len(self._caches))
        image, rater = np.array(self._image, np.int32), np.array(self._rater, np.int32)
        line, emotion = np.array(self._line, np.int32), np.array(self._emotion, np.int8)
        doubled = _doubled(image, rater, np.column_stack([values, emotion]))
        images, raters = list(self._images), list(self._raters)
        for i in np.flatnonzero(doubled):
            text = f"{raters[rater[i]]} has this very row for {images[image[i]]} already"
            self._wrong("doubled-id", int(line[i]), text)
        kept = ~doubled
        return LongRatings(
            images=images, raters=raters, image=image[kept], rater=rater[kept], line=line[kept],
            scores={cache.question: values[kept, q] for q, cache in enumerate(self._caches)},
            scales={cache.question: cache.scale for cache in self._caches},
            emotion=emotion[kept], defects=self._defects,
        )  # fmt: skip


def _doubled(
    image: NDArray[np.int32], rater: NDArray[np.int32], values: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(R,) whether an earlier row is the same in image, rater and all values."""
    pair = image.astype(np.int64) * (int(rater.max(initial=0)) + 1) + rater
    order = np.argsort(pair, kind="stable")
    doubled = np.zeros(len(pair), bool)
    repeated = np.flatnonzero(np.diff(pair[order]) == 0) + 1
    # Repeats are rare; only they are compared one by one.
    several = np.isin(pair, pair[order[repeated]])
    seen: set[tuple[int, bytes]] = set()
    for i in compress(range(len(pair)), several):
        key = (int(pair[i]), values[i].tobytes())
        doubled[i] = key in seen
        seen.add(key)
    return doubled
