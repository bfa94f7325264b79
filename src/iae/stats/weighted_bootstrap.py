"""Bootstrap of several figures at once: each draw is a weight per image or rater."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from iae.metrics.bootstrap import Interval, bounds


def weighted_bootstrap(
    figures: Callable[[NDArray[np.float64]], Mapping[str, float]],
    count: int,
    *,
    resamples: int,
    seed: int = 0,
) -> dict[str, Interval]:
    """95 % percentile intervals of figures that take each unit a number of times.

    Args:
        figures: from (count,) how often each unit is taken, to name -> value.
        count: units (images, raters).
        resamples: draws with replacement; 0 gives no intervals.
        seed: of the draws; the same seed gives the same intervals.

    Returns:
        Name -> value with every unit once, and its bounds; NaN bounds without draws, or where no
        draw has a defined figure.
    """
    values = figures(np.ones(count))
    rng = np.random.default_rng(seed)
    draws: dict[str, list[float]] = {name: [] for name in values}
    for _ in range(resamples if count else 0):
        weight = np.bincount(rng.integers(0, count, count), minlength=count).astype(np.float64)
        for name, value in figures(weight).items():
            draws[name].append(value)
    return {name: Interval(values[name], *bounds(drawn)) for name, drawn in draws.items()}
