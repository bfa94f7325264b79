"""What each task is measured by: names of figures, with intervals and baselines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from iae.data.records import ImageRecord
from iae.metrics import Interval, bootstrap, calibrated_ece, expected_calibration_error

Figure = Callable[[NDArray[np.intp]], float]
"""From the numbers of photos to the figure on them."""


@dataclass
class Figures:
    """Figures of one data set; each task adds its own."""

    values: dict[str, Interval] = field(default_factory=dict)
    """Name -> value and 95 % bootstrap interval (groups are drawn whole)."""
    baselines: dict[str, float] = field(default_factory=dict)
    """Name -> what a model without eyes gets; of a calibration error: what a perfectly calibrated
    model gets on so many photos."""


def group_numbers(records: Sequence[ImageRecord]) -> NDArray[np.intp]:
    """(N,) number of each photo's group; a photo without one is a group of its own."""
    names = [record.group or record.name for record in records]
    return np.unique(names, return_inverse=True)[1]


def intervals(
    groups: NDArray[np.intp],
    figures: Mapping[str, Figure],
    resamples: int,
    *,
    pivotal: bool = False,
) -> dict[str, Interval]:
    """Each figure with its bootstrap interval; ``groups`` of :func:`group_numbers`."""
    return {
        name: bootstrap(figure, len(groups), groups=groups, resamples=resamples, pivotal=pivotal)
        for name, figure in figures.items()
    }


def calibration_error(
    groups: NDArray[np.intp],
    stated: NDArray[np.float64],
    came_true: NDArray[np.bool_],
    resamples: int,
) -> tuple[Interval, float]:
    """ECE over 15 bins with a pivotal interval, and what a perfectly calibrated model would show.

    An ECE is biased upwards, and plain bootstrap quantiles doubly so: on 1,400 photos they never
    held a true error of .02 or less (simulated); mirrored at the value they hold it in 81 to 92 of
    100 cases.
    """
    figures: dict[str, Figure] = {
        "ece": lambda i: expected_calibration_error(stated[i], came_true[i])
    }
    return intervals(groups, figures, resamples, pivotal=True)["ece"], calibrated_ece(stated)
