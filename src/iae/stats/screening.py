"""Raters who do not do the task: outliers after ITU-R BT.500, and one key pressed always."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iae.data.ratings import Ratings
from iae.stats.items import ItemStatistics
from iae.stats.value_counts import value_counts

_OUTLIER_SHARE = 0.05
_ONE_SIDED = 0.3
ONE_KEY_SHARE = 0.95
ONE_KEY_RATINGS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Bt500:
    """Outcome of the screening, one entry a rater."""

    above: NDArray[np.int64]
    """(M,) P: ratings far above the others'."""
    below: NDArray[np.int64]
    """(M,) Q: ratings far below the others'."""
    rejected: NDArray[np.bool_]
    """(M,) whether the rater should be left out."""


def screen_bt500(ratings: Ratings, items: ItemStatistics) -> Bt500:
    """Screening of observers after ITU-R BT.500-15, Annex 1, § A1-2.3.1.

    Of each item the kurtosis β₂ = m₄/m₂² says whether its scores look normal (2 ≤ β₂ ≤ 4). A rating
    is an outlier at 2 standard deviations (n - 1) from the item's mean or more, else at √20. A
    rater with outliers in more than 5 % of their ratings, both above and below (|P - Q|/(P + Q) <
    .3), is rejected: one who is only harsh or mild is not, that is a bias.

    Items with fewer than two ratings, or all ratings equal, have no outliers. Missing ratings: the
    5 % are of the ratings a rater gave. A rater without ratings is not rejected.
    """
    gap = ratings.value - items.mean[ratings.item]
    count = len(ratings.items)
    n = np.maximum(items.count, 1)
    square = gap * gap
    m2 = np.bincount(ratings.item, square, minlength=count) / n
    m4 = np.bincount(ratings.item, square * square, minlength=count) / n
    # Equal scores leave rounding errors of 1e-16 in m2, not always 0.
    spread = np.nan_to_num(items.sd) > 1e-9
    kurtosis = np.divide(m4, m2 * m2, out=np.zeros(count), where=spread)
    normal = (kurtosis >= 2) & (kurtosis <= 4)
    # Of n ratings, one can be (n - 1)/√n deviations off at most: 2 is met exactly by tidy cases.
    limit = np.where(normal, 2.0, np.sqrt(20.0)) * items.sd - 1e-9
    limit = np.where(spread, limit, np.inf)[ratings.item]
    raters = len(ratings.raters)
    above = np.bincount(ratings.rater[gap >= limit], minlength=raters)
    below = np.bincount(ratings.rater[gap <= -limit], minlength=raters)
    given = np.bincount(ratings.rater, minlength=raters)
    outliers = above + below
    rejected = (outliers > _OUTLIER_SHARE * given) & (np.abs(above - below) < _ONE_SIDED * outliers)
    return Bt500(above=above, below=below, rejected=rejected)


@dataclass(frozen=True, kw_only=True, eq=False)
class KeyUse:
    """Which score each rater gives most often."""

    value: NDArray[np.float64]
    """(M,) that score, on [1, 10]; of several the lowest. NaN without ratings."""
    share: NDArray[np.float64]
    """(M,) its share of their ratings. NaN without ratings."""
    always: NDArray[np.bool_]
    """(M,) share of 95 % or more in ten ratings or more: a rater who did not look."""


def key_use(ratings: Ratings) -> KeyUse:
    """The most frequent score of each rater, and who (nearly) always gives it."""
    raters = len(ratings.raters)
    counts = value_counts(ratings.rater, ratings.value, raters)
    table = counts.table
    value, share = np.full(raters, np.nan), np.full(raters, np.nan)
    given = counts.per_row
    busy = np.flatnonzero(given > 0)
    if len(busy):
        most = np.maximum.reduceat(table.data, table.indptr[busy])
        share[busy] = most / given[busy]
        of_rater = np.repeat(np.arange(raters), np.diff(table.indptr))
        wins = np.flatnonzero(table.data == (share * given)[of_rater].round())
        # Written from last to first, the lowest of several values stays.
        value[of_rater[wins[::-1]]] = counts.values[table.indices[wins[::-1]]]
    always = (np.nan_to_num(share) >= ONE_KEY_SHARE) & (given >= ONE_KEY_RATINGS)
    return KeyUse(value=value, share=share, always=always)
