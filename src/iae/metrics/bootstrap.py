"""Percentile bootstrap: how far a figure could have moved with other photos."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Interval(NamedTuple):
    """A figure on all photos, with the bounds of its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def bootstrap(
    figure: Callable[[NDArray[np.intp]], float],
    count: int,
    *,
    groups: NDArray[np.intp] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """95 % percentile interval of ``figure(indices)`` over photos drawn with replacement.

    Args:
        figure: computes the figure on the photos at these indices.
        count: number of photos.
        groups: (count,) group number of each photo; whole groups are drawn, because shots of one
            scene are not independent. None draws photos.
        resamples: number of draws.
        seed: of the draws; the same seed gives the same interval.

    Returns:
        The figure on all photos and its bounds; NaN bounds where no draw has a defined figure.
    """
    everything = np.arange(count)
    rng = np.random.default_rng(seed)
    if groups is None:
        draws = (rng.integers(0, count, count) for _ in range(resamples))
    else:
        order = np.argsort(groups, kind="stable")
        members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
        draws = (
            np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
            for _ in range(resamples)
        )
    values = np.array([figure(draw) for draw in draws])
    values = values[~np.isnan(values)]
    low, high = np.quantile(values, (0.025, 0.975)) if values.size else (np.nan, np.nan)
    return Interval(float(figure(everything)), float(low), float(high))
