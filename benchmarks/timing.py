"""Times of several ways of doing the same work, on a machine that others use, too.

The ways take turns, round after round, so that whatever slows the machine down meets all of them;
ratios are taken within a round, and the median over the rounds is what is told.
"""

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Took:
    """What one piece of work took."""

    wall: float
    """Seconds on the clock."""
    cpu: float
    """Seconds that all threads and ended child processes computed."""


def took(work: Callable[[], object]) -> Took:
    """Do it and tell how long it took."""
    wall, cpu = time.perf_counter(), _computed()
    work()
    return Took(time.perf_counter() - wall, _computed() - cpu)


def take_turns(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[Took]]:
    """Time every way once a round; the first, unheard, call of each warms up."""
    times: dict[str, list[Took]] = {name: [] for name in ways}
    for i in range(rounds + 1):
        for name, work in ways.items():
            one = took(work)
            if i > 0:
                times[name].append(one)
    return times


def median_cpu(times: Sequence[Took], count: int) -> float:
    """Milliseconds computed for an item in the median round."""
    return statistics.median(1000 * one.cpu / count for one in times)


def _computed() -> float:
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system
