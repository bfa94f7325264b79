"""``scores.h5`` of both IAE releases: ten columns of ratings and their total, a row an image."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.data.dataset import Dataset
from iae.data.formats.iae_scores import KEY, NAME, RATERS
from iae.data.ratings import Ratings
from iae.files import written_whole
from iae.labels import SCORE_MAX, SCORE_MIN


def score_matrix(dataset: Dataset) -> NDArray[np.float64] | None:
    """(N, 10) ratings of the N records, NaN where there is none; None if ten columns do not do.

    A column is a rater where there are at most ten, none of whom rated an image twice; else, if no
    image has more than ten ratings, columns hold each image's ratings in the order of the raters.
    """
    ratings = dataset.ratings
    if ratings is None or not ratings.value.size or ratings.counts_per_item().max() > RATERS:
        return None
    by_item = np.full((len(ratings.items) + 1, RATERS), np.nan)  # the last row: not rated
    if _columns_are_raters(ratings):
        by_item[ratings.item, ratings.rater] = ratings.value
    else:
        order = np.lexsort((ratings.rater, ratings.item))
        item = ratings.item[order]
        place = np.arange(len(item)) - np.searchsorted(item, item)
        by_item[item, place] = ratings.value[order]
    return by_item[_rows_of_records(dataset, ratings)]


def _columns_are_raters(ratings: Ratings) -> bool:
    pairs = ratings.item.astype(np.int64) * len(ratings.raters) + ratings.rater
    return len(ratings.raters) <= RATERS and len(np.unique(pairs)) == len(pairs)


def _rows_of_records(dataset: Dataset, ratings: Ratings) -> NDArray[np.int64]:
    """(N,) index into ``ratings.items`` of each record; -1 for one that is not there."""
    places = {name: i for i, name in enumerate(ratings.items)}
    return np.array([places.get(r.name, -1) for r in dataset.records], dtype=np.int64)


def write_scores(path: Path, ratings: NDArray[np.float64]) -> None:
    """Write (N, 10) ratings, NaN where one is missing, and each image's total as column 11.

    Raises:
        OutputError: the file cannot be written.
    """
    import h5py

    present = ~np.isnan(ratings)
    totals = np.where(present, ratings, 0).sum(axis=1)
    totals[~present.any(axis=1)] = np.nan
    table = np.column_stack([ratings, totals])  # (N, 11)
    short = table.astype(np.float32)
    exact = np.array_equal(short.astype(np.float64), table, equal_nan=True)
    with written_whole(path) as part, h5py.File(part, "w") as file:
        file.create_dataset(KEY, data=short if exact else table)


def score_losses(dataset: Dataset) -> list[str]:
    """What of this data set's scores ``scores.h5`` cannot hold, a sentence each."""
    ratings, losses = dataset.ratings, []
    if ratings is not None and ratings.value.size:
        losses = _rating_losses(ratings)
    unrated = _scored_without_ratings(dataset)
    if unrated:
        losses.append(f"scores of {unrated:,} images without single ratings: only whether they are "
                      "high or low is kept")  # fmt: skip
    return losses


def _rating_losses(ratings: Ratings) -> list[str]:
    most = int(ratings.counts_per_item().max())
    if most > RATERS:
        return [f"single ratings, means and score distributions: an image has up to {most:,} "
                f"ratings, {NAME} holds ten; only high and low are kept"]  # fmt: skip
    losses = []
    if not _columns_are_raters(ratings):
        losses.append(f"who of the {len(ratings.raters):,} raters gave which rating: the ten "
                      f"columns of {NAME} hold an image's ratings without their rater")  # fmt: skip
    elif list(ratings.raters) != default_raters(len(ratings.raters)):
        losses.append("names of the raters: they become columns 1 to 10")
    if not ratings.are_levels:
        losses.append("ratings between the levels 1, 4, 7 and 10 are written as they are, which "
                      "other readers of this release may not expect")  # fmt: skip
    if ratings.scale != (SCORE_MIN, SCORE_MAX):
        worst, best = ratings.scale
        losses.append(f"the raters' scale of {worst:g} to {best:g}: ratings are written on 1 to 10")
    return losses


def default_raters(raters: int) -> Sequence[str]:
    """Names of raters as readers of ``scores.h5`` give them.

    >>> default_raters(3)
    ['1', '2', '3']
    """
    return [str(j + 1) for j in range(raters)]


def _scored_without_ratings(dataset: Dataset) -> int:
    ratings = dataset.ratings
    rated: set[str] = set()
    if ratings is not None:
        rated = {ratings.items[i] for i in np.unique(ratings.item).tolist()}
    return sum(r.aesthetic_mean is not None and r.name not in rated for r in dataset.records)
