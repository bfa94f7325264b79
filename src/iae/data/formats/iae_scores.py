"""``scores.h5`` of the IAE dataset: the ratings of all volunteers, key ``score``, (N, 11).

Columns 1 to 10 are the raters, column 11 is the total of the image; row i belongs to image i.
The raters' keys were Excellent 10, Good 7, Fair 4 and Bad 1.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iae.data.defects import Defect
from iae.data.formats.hdf5 import open_hdf5, read_columns
from iae.data.ratings import Ratings
from iae.data.records import ImageRecord
from iae.labels import LEVEL_SCORES, SCORE_MAX, SCORE_MIN, is_high

NAME = "scores.h5"
KEY = "score"
RATERS = 10

_MOSTLY = 0.9
"""From this share of ratings on the four levels, the raters had these four keys and no others."""


class Scores(NamedTuple):
    """The ratings in ``scores.h5``."""

    matrix: NDArray[np.float64]
    """(N, M) on [1, 10], NaN where a rating is missing; row i belongs to image i."""
    notes: list[str]
    defects: list[Defect]

    def ratings_of(self, ids: list[int], names: list[str]) -> Ratings | None:
        """The ratings of these images, unrated beyond the last row; None without any rating."""
        rows = np.asarray(ids, dtype=np.int64)
        known = rows < len(self.matrix)
        matrix = np.full((len(rows), self.matrix.shape[1]), np.nan)
        matrix[known] = self.matrix[rows[known]]
        if np.isnan(matrix).all():
            return None
        raters = [str(j + 1) for j in range(matrix.shape[1])]
        return Ratings.from_matrix(matrix, items=names, raters=raters)


def read_scores(path: Path) -> Scores:
    """Read ``scores.h5``.

    NaN and 0 are missing ratings. A rating outside [1, 10] is a defect and then a missing one; one
    between the four levels is a defect where nearly all others are levels, and is kept.

    Raises:
        DataError: it is damaged, or has other keys or another shape.
    """
    with open_hdf5(path) as file:
        table = read_columns(file, KEY, (RATERS + 1, RATERS), f"'{KEY}' with (N, {RATERS + 1})")
    notes: list[str] = []
    defects: list[Defect] = []
    matrix = table[:, :RATERS]
    if table.shape[1] == RATERS:
        notes.append(f"{path.name} has ten columns: ten raters and no totals")
    else:
        matrix = _without_totals(matrix, table[:, RATERS], notes, defects)
    matrix = _clean(matrix, notes, defects)
    return Scores(_without_empty_columns(matrix, notes), notes, defects)


def _is_missing(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    missing: NDArray[np.bool_] = np.isnan(values) | (values == 0)
    return missing


def _is_level(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    levels: NDArray[np.bool_] = np.isin(values, LEVEL_SCORES)
    return levels


def _without_totals(
    ratings: NDArray[np.float64],
    last: NDArray[np.float64],
    notes: list[str],
    defects: list[Defect],
) -> NDArray[np.float64]:
    """Say whether column 11 is the totals; if it is an eleventh rater, it joins the ten.

    On the scale it is a rater: of a total that is only so for images with nothing but "bad".
    """
    present = ~_is_missing(ratings)
    rated = present.any(axis=1)
    sums = np.where(present, ratings, 0.0).sum(axis=1)
    is_sum = np.isclose(last, sums, rtol=0, atol=0.05) | (~rated & _is_missing(last))
    if not rated.any() or is_sum[rated].mean() >= 0.5:
        wrong = ~is_sum
    elif _could_be_rater(last, ratings[present]):
        notes.append("column 11 of scores.h5 is not the sum of the other ten and always on the "
                     "scale: it is taken as an eleventh rater")  # fmt: skip
        return np.column_stack([ratings, last])
    elif np.allclose(last[rated], sums[rated] / present[rated].sum(axis=1), rtol=0, atol=0.01):
        notes.append("column 11 of scores.h5 is the mean of the other ten, not their sum")
        return ratings
    elif not is_sum[rated].any():
        text = f"column 11 is the sum of the ten ratings in none of the {len(last):,} rows"
        defects.append(Defect("total-not-sum", NAME, text))
        return ratings
    else:
        wrong = ~is_sum
    for i in np.flatnonzero(wrong).tolist():
        text = f"{NAME}: the total is {last[i]:g}, the ratings sum to {sums[i]:g}"
        defects.append(Defect("total-not-sum", str(i), text))
    return ratings


def _could_be_rater(column: NDArray[np.float64], ratings: NDArray[np.float64]) -> bool:
    given = column[~_is_missing(column)]
    if not given.size or not ratings.size:
        return False
    if _is_level(ratings).mean() >= _MOSTLY:
        return bool(_is_level(given).all())
    whole = bool((ratings == np.round(ratings)).all())  # a mean of whole scores is mostly not
    on_scale = (given >= SCORE_MIN) & (given <= SCORE_MAX)
    return bool(on_scale.all()) and whole and bool((given == np.round(given)).all())


def _clean(
    matrix: NDArray[np.float64], notes: list[str], defects: list[Defect]
) -> NDArray[np.float64]:
    missing = _is_missing(matrix)
    if missing.any():
        notes.append(f"{int(missing.sum()):,} ratings in {NAME} are 0 or NaN: taken as missing")
    off = ~missing & ~((matrix >= SCORE_MIN) & (matrix <= SCORE_MAX))
    for i in np.flatnonzero(off.any(axis=1)).tolist():
        values = ", ".join(f"{value:g}" for value in matrix[i, off[i]])
        text = f"{NAME}: rating {values} is not in [{SCORE_MIN:g}, {SCORE_MAX:g}]; taken as missing"
        defects.append(Defect("off-scale", str(i), text, (str(i),)))
    matrix = np.where(missing | off, np.nan, matrix)
    between = ~np.isnan(matrix) & ~_is_level(matrix)
    if not between.any():
        return matrix
    if between.sum() > (1 - _MOSTLY) * np.count_nonzero(~np.isnan(matrix)):
        notes.append(f"the ratings in {NAME} are not on the four levels 1, 4, 7 and 10")
        return matrix
    for i in np.flatnonzero(between.any(axis=1)).tolist():
        values = ", ".join(f"{value:g}" for value in matrix[i, between[i]])
        text = f"{NAME}: rating {values} is none of the four levels 1, 4, 7 and 10"
        defects.append(Defect("off-scale", str(i), text, (str(i),)))
    return matrix


def _without_empty_columns(matrix: NDArray[np.float64], notes: list[str]) -> NDArray[np.float64]:
    """Writers fill up to ten columns; the empty ones at the end are nobody."""
    used = np.flatnonzero(~np.isnan(matrix).all(axis=0))
    width = int(used[-1]) + 1 if used.size else 0
    if 0 < width < matrix.shape[1]:
        notes.append(f"columns {width + 1} to {matrix.shape[1]} of {NAME} hold no rating: "
                     f"{width} raters")  # fmt: skip
    return matrix[:, : width or None]


def contradictions(records: Sequence[ImageRecord]) -> list[Defect]:
    """High/low labels that are not what the mean of the ratings says."""
    defects = []
    for record in records:
        mean, label = record.aesthetic_mean, record.aesthetic_high
        if mean is None or label is None or label == is_high(mean):
            continue
        text = f"labelled {'high' if label else 'low'}, the mean of its ratings is {mean:.2f}"
        defects.append(Defect("label-contradicts-ratings", record.name, text, (record.name,)))
    return defects
