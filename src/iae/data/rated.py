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
    shares = _level_shares(ratings, of_item).tolist()
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


def _level_shares(ratings: Ratings, of_item: NDArray[np.int64]) -> NDArray[np.float64]:
    """(N, 4) share of raters per level; a score between two levels is split between them."""
    step, levels = LEVEL_SCORES[1] - LEVEL_SCORES[0], len(LEVELS)
    lower = np.minimum(((ratings.value - SCORE_MIN) / step).astype(np.int64), levels - 2)
    upper_part = (ratings.value - np.asarray(LEVEL_SCORES)[lower]) / step
    cell = ratings.item.astype(np.int64) * levels + lower
    size = len(of_item) * levels
    sums = np.bincount(cell, 1 - upper_part, minlength=size)
    sums += np.bincount(cell + 1, upper_part, minlength=size)
    shares: NDArray[np.float64] = sums.reshape(-1, levels) / np.maximum(of_item, 1)[:, None]
    return shares
