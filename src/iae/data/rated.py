"""What single ratings say of each image: mean, counts per score, shares per level."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iae.data.ratings import Ratings
from iae.labels import LEVEL_SCORES, LEVELS, SCORE_MIN


class RatedLabels(NamedTuple):
    """What the ratings of one image say, as ``ImageRecord`` holds it; None for an unrated one."""

    mean: float | None
    """In [1, 10]."""
    counts: dict[float, float] | None
    """Raters per score, the lowest score first."""
    shares: tuple[float, float, float, float] | None
    """Share of raters per level, worst first; as ``iae.labels.level_shares`` makes them."""


UNRATED = RatedLabels(None, None, None)


def rated_labels(ratings: Ratings) -> list[RatedLabels]:
    """What the ratings say of each of the N items; sorts the R ratings once."""
    of_item = np.bincount(ratings.item, minlength=len(ratings.items))  # (N,)
    means = ratings.mean_per_item().tolist()
    shares = level_shares_per_item(ratings).tolist()
    first, values, counts = _runs(ratings)
    labels = []
    for i, rated in enumerate((of_item > 0).tolist()):
        if not rated:
            labels.append(UNRATED)
            continue
        run = slice(first[i], first[i + 1])
        labels.append(
            RatedLabels(
                means[i], dict(zip(values[run], counts[run], strict=True)), tuple(shares[i])
            )
        )
    return labels


def _runs(ratings: Ratings) -> tuple[list[int], list[float], list[float]]:
    """Equal scores of one item: where an item's begin (N + 1,), then score and number of each."""
    order = np.lexsort((ratings.value, ratings.item))
    item, value = ratings.item[order], ratings.value[order]
    starts = np.ones(len(item), dtype=bool)
    starts[1:] = (item[1:] != item[:-1]) | (value[1:] != value[:-1])
    at = np.flatnonzero(starts)
    counts = np.diff(at, append=len(item)).astype(np.float64)
    first = np.searchsorted(item[at], np.arange(len(ratings.items) + 1))
    return first.tolist(), value[at].tolist(), counts.tolist()


def level_shares_per_item(ratings: Ratings) -> NDArray[np.float64]:
    """(N, 4) share of raters per level, as ``labels.level_shares`` says; NaN without ratings."""
    step, levels = LEVEL_SCORES[1] - LEVEL_SCORES[0], len(LEVELS)
    place = (ratings.value - SCORE_MIN) / step
    lower = np.minimum(place.astype(np.int64), levels - 2)
    upper_part = place - lower  # a score between two levels is split between them
    cell = ratings.item.astype(np.int64) * levels + lower
    size = len(ratings.items) * levels
    sums = np.bincount(cell, 1 - upper_part, minlength=size)
    sums += np.bincount(cell + 1, upper_part, minlength=size)
    count = ratings.counts_per_item()
    count_or_nan = np.where(count > 0, count, np.nan)
    shares: NDArray[np.float64] = sums.reshape(-1, levels) / count_or_nan[:, None]
    return shares
