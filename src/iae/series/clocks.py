"""Capture times as evidence: which photos were surely taken apart, which surely close together.

Between the two lies what a clock cannot say. Times with seconds tell nearly everything; times in
whole minutes part what is minutes apart but bring nothing together, so that they make no false
series; times of different clocks, and photos without a time, say nothing about each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]

NO_CLOCK = -1

MAX_PER_STAMP = 150
"""Photos of one clock with the very same time beyond which that time is no capture time (the clock
stands still, or a program wrote it): the fastest cameras take 120 a second."""

_RESOLUTIONS = (86_400.0, 3_600.0, 60.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Windows:
    """What the times say of N photos."""

    clock: Ints
    """(N,) number of the clock, in the sorted order of their names; ``NO_CLOCK`` without a time."""
    apart: Ints
    """(N,) photos of one clock with different numbers were surely taken apart."""
    close: Ints
    """(N,) photos with the same number were surely taken close together; -1: sure of nothing."""

    def take(self, places: NDArray[np.intp]) -> "Windows":
        """What they say of some of the photos."""
        return Windows(clock=self.clock[places], apart=self.apart[places], close=self.close[places])


def time_windows(times: ArrayLike, clocks: Sequence[str], gap: float) -> Windows:
    """Runs of photos without a pause longer than ``gap``, clock by clock.

    A clock shows its times rounded down, to days, hours, minutes or seconds (the coarsest that
    fits all its photos), so that a pause of d between two times was one of d within the resolution
    r. Where d - r > gap the photos were taken apart; where d + r <= gap, and r is less than a
    minute, close together. Runs are of any length: who photographs for an hour without a pause has
    one.

    Args:
        times: (N,) seconds; NaN where there is none.
        clocks: (N,) names; times are compared within a name only.
        gap: longest pause within a series, seconds.
    """
    times = np.asarray(times, dtype=np.float64)
    number = np.unique(np.asarray(clocks, dtype=np.str_), return_inverse=True)[1]
    clock: Ints = np.where(np.isfinite(times), number, NO_CLOCK).astype(np.int64)
    apart, close = np.zeros(len(times), np.int64), np.full(len(times), -1, np.int64)
    runs = 0
    by_time = np.lexsort([times, clock])
    for here in np.split(by_time, np.flatnonzero(np.diff(clock[by_time])) + 1):
        stuck = _is_stuck(times[here])
        clock[here[stuck]] = NO_CLOCK
        here = here[~stuck]
        if not len(here) or clock[here[0]] == NO_CLOCK:
            continue
        pauses = np.diff(times[here])
        resolution = _resolution(times[here])
        apart[here] = runs + _runs(pauses - resolution > gap)
        if resolution < 60:  # a minute holds several scenes
            close[here] = runs + _runs(pauses + resolution > gap)
        runs += len(here)
    return Windows(clock=clock, apart=apart, close=close)


def _runs(is_cut: NDArray[np.bool_]) -> Ints:
    """(M - 1,) cuts between M photos -> (M,) number of the run of each, from 0."""
    return np.concatenate([[0], np.cumsum(is_cut)]).astype(np.int64)


def _resolution(times: NDArray[np.float64]) -> float:
    """Seconds; 0 with fractions. A lone burst at a full minute counts as coarse: the safe side."""
    for seconds in _RESOLUTIONS:
        if not np.any(times % seconds):
            return seconds
    return 1.0 if not np.any(times % 1) else 0.0


def _is_stuck(times: NDArray[np.float64]) -> NDArray[np.bool_]:
    if not np.isfinite(times).all() or _resolution(times) >= 60:
        return np.zeros(len(times), bool)
    _, index, count = np.unique(times, return_inverse=True, return_counts=True)
    stuck: NDArray[np.bool_] = count[index] > MAX_PER_STAMP
    return stuck
