"""Krippendorff's alpha: agreement beyond chance, whatever is missing."""

from typing import Literal, get_args

import krippendorff
import numpy as np
from numpy.typing import NDArray

from iae.stats.dot import dot
from iae.stats.value_counts import ValueCounts

Level = Literal["nominal", "ordinal", "interval"]
LEVELS_OF_MEASUREMENT: tuple[Level, ...] = get_args(Level)

_PACKAGE_CELLS = 2**22
"""The krippendorff package holds several arrays of N × V × V numbers. Above so many (32 MB each)
the same sums are taken without them; below, both give the same value (a test says so)."""


def krippendorff_alpha(counts: ValueCounts, level: Level) -> float:
    """Krippendorff's alpha of items × values: 1 is full agreement, 0 what chance gives.

    Krippendorff, Content Analysis (2004), ch. 11. Of the krippendorff package where that fits into
    memory. Items with fewer than two ratings say nothing and do not enter.

    Args:
        counts: how often each value was given to each item.
        level: what a distance means: other or same (nominal), ranks apart (ordinal), or points
            apart, squared (interval).

    Returns:
        At most 1; NaN when no item has two ratings or all ratings are equal, because chance then
        leaves nothing to disagree about.
    """
    rows, values = counts.table.shape
    if rows * values * values > _PACKAGE_CELLS:
        return weighted_alpha(counts, level)
    pairable = counts.table.toarray()[counts.per_row > 1]
    if np.count_nonzero(pairable.any(axis=0)) < 2:
        return float("nan")
    alpha = krippendorff.alpha(
        value_counts=pairable, value_domain=counts.values, level_of_measurement=level
    )
    return float(alpha)


def weighted_alpha(
    counts: ValueCounts, level: Level, weight: NDArray[np.float64] | None = None
) -> float:
    """Alpha with each item taken ``weight`` times, (N,); for bootstrap draws and for large sets.

    In time and memory of the counts that are not 0. The ordinal distance is that of mid-ranks,
    (Σ_{c..k} n - (n_c + n_k) / 2)² = (rank_k - rank_c)², so that both distances are squares of
    differences, and their sums over pairs are variances.
    """
    per_row = counts.per_row
    pairable = per_row > 1
    weight = np.where(pairable, 1.0 if weight is None else weight, 0.0)
    totals = counts.table.T @ weight  # (V,) pairable ratings of each value
    n = totals.sum()
    if np.count_nonzero(totals) < 2:
        return float("nan")
    share = weight / np.where(pairable, per_row - 1, 1)
    if level == "nominal":
        observed = dot(share, per_row**2 - counts.squares_per_row)
        expected = (n * n - totals @ totals) / (n - 1)
    else:
        scale = counts.values if level == "interval" else totals.cumsum() - totals / 2
        scale = scale - totals @ scale / n
        sums, squares = counts.table @ scale, counts.table @ scale**2
        observed = 2 * dot(share, per_row * squares - sums**2)
        expected = 2 * n * (totals @ scale**2) / (n - 1)
    return float(1 - observed / expected)
