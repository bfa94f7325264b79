"""How well each rater follows the others: correlation with the mean of everybody else."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iae.data.ratings import Ratings

Floats = NDArray[np.float64]

_QUANTUM = 1e-8
"""Means that differ by less are ties: they differ by rounding errors."""


class LeaveOneOut(NamedTuple):
    """Agreement of each rater with the mean of the others, on the items they have in common."""

    srcc: Floats
    """(M,) rank correlation, ties share a rank."""
    plcc: Floats
    """(M,) linear correlation."""
    common: NDArray[np.int64]
    """(M,) items that the rater and somebody else rated."""


def leave_one_out(ratings: Ratings) -> LeaveOneOut:
    """Correlate each rater's scores with the mean of the other raters' scores, item by item.

    All raters at once: two sorts of the ratings, no loop. No repeats (see ``without_repeats``).

    Returns:
        NaN for a rater with fewer than two common items, or when the rater or the others gave the
        same to all of them.
    """
    raters = len(ratings.raters)
    count = ratings.counts_per_item()
    sums = np.bincount(ratings.item, ratings.value, minlength=len(ratings.items))
    shared = count[ratings.item] > 1
    rater, item, value = ratings.rater, ratings.item, ratings.value
    if not shared.all():
        rater, item, value = rater[shared], item[shared], value[shared]
    others = (sums[item] - value) / (count[item] - 1)
    common = np.bincount(rater, minlength=raters)
    return LeaveOneOut(
        srcc=_correlation(rater, _ranks(rater, value, common), _ranks(rater, others, common),
                          common),
        plcc=_correlation(rater, value, others, common),
        common=common,
    )  # fmt: skip


def _ranks(rater: NDArray[np.int32], score: Floats, common: NDArray[np.int64]) -> Floats:
    """(R,) rank of each score among its rater's, from 1; ties get the mean of their ranks."""
    if not len(score):
        return score
    # Rater and score in one integer: scores span less than 21 points, 2^31 quanta.
    key = np.rint((score - score.min()) / _QUANTUM).astype(np.int64)
    key += rater.astype(np.int64) << 31
    order = np.argsort(key)
    key = key[order]
    begins = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    ends = np.append(begins[1:], len(key))
    first = np.cumsum(common) - common  # where each rater's scores begin in the order
    of_run = key[begins] >> 31
    del key
    middle = (begins + ends + 1) / 2 - first[of_run]
    ranks = np.empty(len(score))
    ranks[order] = np.repeat(middle, ends - begins)
    return ranks


def _correlation(
    rater: NDArray[np.int32], a: Floats, b: Floats, common: NDArray[np.int64]
) -> Floats:
    """(M,) Pearson's r of a and b over the ratings of each rater."""
    raters = len(common)
    n = np.maximum(common, 1)
    a = a - (np.bincount(rater, a, minlength=raters) / n)[rater]
    b = b - (np.bincount(rater, b, minlength=raters) / n)[rater]
    ab, aa, bb = (np.bincount(rater, x * y, minlength=raters)
                  for x, y in ((a, b), (a, a), (b, b)))  # fmt: skip
    varies = (aa > 1e-9 * n) & (bb > 1e-9 * n)  # equal scores leave rounding errors
    r: Floats = np.full(raters, np.nan)
    r[varies] = np.clip(ab[varies] / np.sqrt(aa[varies] * bb[varies]), -1, 1)
    return r
