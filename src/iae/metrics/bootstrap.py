"""Percentile bootstrap: how far a figure could have moved with other photos."""

from collections.abc import Callable, Iterator, Sequence
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
    pivotal: bool = False,
) -> Interval:
    """95 % percentile interval of ``figure(indices)`` over photos drawn with replacement.

    Args:
        figure: computes the figure on the photos at these indices.
        count: number of photos.
        groups: (count,) group number of each photo; whole groups are drawn, because shots of one
            scene are not independent. None draws photos.
        resamples: number of draws.
        seed: of the draws; the same seed gives the same interval.
        pivotal: mirror the bounds at the value (the basic bootstrap, Davison & Hinkley 1997,
            eq. 5.6), not below 0. For figures that are biased upwards, as calibration errors are:
            draws from the photos repeat that bias on top of the value, so that plain quantiles
            lie too high. The value itself may then lie above its interval.

    Returns:
        The figure on all photos and its bounds; NaN bounds where no draw has a defined figure.
    """
    value = float(figure(np.arange(count)))
    rng = np.random.default_rng(seed)
    low, high = bounds([figure(draw) for draw in draws(count, groups, resamples, rng)])
    if pivotal:
        low, high = max(0.0, 2 * value - high), max(0.0, 2 * value - low)
    return Interval(value, low, high)


def draws(
    count: int, groups: NDArray[np.intp] | None, resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.intp]]:
    """Indices of photos drawn with replacement, or of all photos of groups drawn so."""
    if groups is None:
        for _ in range(resamples):
            yield rng.integers(0, count, count)
        return
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    for _ in range(resamples):
        yield np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])


def bounds(values: Sequence[float]) -> tuple[float, float]:
    """The middle 95 % of values, those that are NaN left out; NaN, NaN where none is left."""
    known = np.array(values)
    known = known[~np.isnan(known)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)
