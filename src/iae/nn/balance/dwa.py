"""Dynamic weight average (Liu, Johns & Davison 2019)."""

import math
from collections.abc import Mapping, Sequence

from iae.errors import ConfigError
from iae.nn.balance.method import LossWeighting, State, Weights


class DynamicWeightAverage(LossWeighting):
    """More weight for the losses that fall more slowly.

    ``λ_k = K exp(r_k / T) / Σ_i exp(r_i / T)`` with ``r_k = L_k(t-1) / L_k(t-2)``, the ratio of a
    task's mean losses over the last two periods (Liu, Johns & Davison 2019, eq. 7; there a period
    is an epoch). The ratio of a task that has not been seen in two periods yet is 1, as is that of
    one whose loss was 0. A period in which a task is never seen does not count for it.
    """

    def __init__(self, tasks: Sequence[str], *, period: int, temperature: float = 2.0) -> None:
        """New weights every ``period`` steps; a higher temperature makes them more alike.

        Raises:
            ConfigError: ``period`` is below 1 or ``temperature`` is not positive.
        """
        super().__init__(tasks)
        if period < 1:
            raise ConfigError(f"balance.period must be at least 1 step, got {period}")
        if not temperature > 0:
            raise ConfigError(f"balance.temperature must be positive, got {temperature}; "
                              "2 is usual")  # fmt: skip
        self.period, self.temperature = period, temperature
        self._steps = 0
        self._sums = dict.fromkeys(tasks, (0.0, 0))
        self._means: dict[str, list[float]] = {task: [] for task in tasks}

    def weights(self, present: Sequence[str]) -> Weights:
        """``λ`` of the present tasks, from the ratios of all, so that they do not jump."""
        ratios = {task: self._ratio(task) for task in self.tasks}
        top = max(ratios.values())  # taken off, so that exp cannot overflow
        raw = {task: math.exp((ratio - top) / self.temperature) for task, ratio in ratios.items()}
        total = sum(raw.values())
        return {task: len(self.tasks) * raw[task] / total for task in present}

    def observe(self, losses: Mapping[str, float], norms: Mapping[str, float]) -> None:
        """Add the losses to this period's means, and end the period when it is over."""
        for task, loss in losses.items():
            total, count = self._sums[task]
            self._sums[task] = total + loss, count + 1
        self._steps += 1
        if self._steps % self.period:
            return
        for task, (total, count) in self._sums.items():
            if count:
                self._means[task] = [*self._means[task], total / count][-2:]
            self._sums[task] = 0.0, 0

    def _ratio(self, task: str) -> float:
        means = self._means[task]
        return means[1] / means[0] if len(means) == 2 and means[0] > 0 else 1.0

    def _state(self) -> State:
        return {
            "steps": self._steps,
            "sums": {task: list(entry) for task, entry in self._sums.items()},
            "means": {task: list(means) for task, means in self._means.items()},
        }

    def _load(self, state: State) -> None:
        self._steps = state["steps"]
        self._sums = {task: (total, count) for task, (total, count) in state["sums"].items()}
        self._means = {task: list(means) for task, means in state["means"].items()}
