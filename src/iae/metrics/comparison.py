"""Is one method better than another? A paired bootstrap over photos and over training seeds."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from iae.metrics.bootstrap import Interval, bounds, draws

P = TypeVar("P")


class MethodComparison(NamedTuple):
    """Two methods on the same photos; each figure is the mean over the seeds of a method."""

    first: float
    second: float
    difference: Interval
    """Second minus first, with its 95 % interval."""


def compare_methods(
    figure: Callable[[P, NDArray[np.intp]], float],
    first: Sequence[P],
    second: Sequence[P],
    count: int,
    *,
    groups: NDArray[np.intp] | None = None,
    resamples: int = 1000,
    seed: int = 0,
    draw_seeds: bool = True,
) -> MethodComparison:
    """Difference of a figure between two methods, on the same drawn photos in each draw.

    What is easy or hard for both is in both figures and drops out of their difference, which is
    why its interval is narrower than two separate intervals make it look (Efron & Tibshirani
    1993, §8; Koehn 2004). With several seeds a method, each draw also takes as many of its seeds
    with replacement, for the two methods apart: the interval then speaks of the method and not of
    the runs at hand.

    Few seeds say little about how much seeds differ: with S of them that part of the variance
    comes out too small by (S - 1) / S, a third at three. With one seed it is 0, and the interval
    is about these two models only.

    Args:
        figure: of one run's predictions, on the photos at these indices.
        first: predictions of each seed of one method, all on the same photos in the same order.
        second: of the other method; the number of seeds may differ.
        count: number of photos.
        groups: (count,) group number of each photo; whole groups are drawn. None draws photos.
        resamples: number of draws.
        seed: of the draws; the same seed gives the same interval.
        draw_seeds: whether to draw seeds too; without, the interval is about these very runs.

    Returns:
        Both figures and their difference. NaN bounds where no draw has a defined figure.

    Raises:
        ValueError: a method has no predictions.
    """
    if not (first and second):
        raise ValueError(f"wanted predictions of both methods, got {len(first)} and {len(second)}")
    # Seeds have a generator of their own: the photos drawn do not depend on how many there are.
    photos, seeds = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2)
    )

    def mean(runs: Sequence[P], indices: NDArray[np.intp], *, drawn: bool) -> float:
        taken = seeds.integers(0, len(runs), len(runs)) if drawn else np.arange(len(runs))
        chosen, times = np.unique(taken, return_counts=True)
        return float(np.average([figure(runs[i], indices) for i in chosen], weights=times))

    differences = [
        mean(second, indices, drawn=draw_seeds) - mean(first, indices, drawn=draw_seeds)
        for indices in draws(count, groups, resamples, photos)
    ]
    everything = np.arange(count)
    before, after = (mean(runs, everything, drawn=False) for runs in (first, second))
    return MethodComparison(before, after, Interval(after - before, *bounds(differences)))
