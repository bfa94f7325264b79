"""Weights by learned uncertainty (Kendall, Gal & Cipolla 2018)."""

import math
from collections.abc import Mapping, Sequence

from iae.nn.balance.learned import LearnedNumbers
from iae.nn.balance.method import LossWeighting, State, Weights

_BOUND = 10.0
"""Of the log variance: a loss that reaches 0 would otherwise be weighted without limit."""


class Uncertainty(LossWeighting):
    """Each loss is divided by a variance that is learned with the network.

    The sum is ``Σ_k exp(-s_k) L_k + s_k`` with the log variance ``s_k`` (Kendall, Gal & Cipolla
    2018, eq. 7 with s = log σ², times 2), the same for regressions and classifications: their
    factor ½ between the two only moves the optimum of one by log 2. At the optimum
    ``s_k = log L_k``, where every task's share of the sum is 1. It begins at 0, that is, with
    weight 1, and stays within ±10.

    A task that is absent would have a loss of 0 and only the term ``s_k``, which would drive its
    weight up without end; it is left out instead.
    """

    def __init__(self, tasks: Sequence[str], *, learning_rate: float = 0.025) -> None:
        """Learn log variances with this rate, by Adam."""
        super().__init__(tasks)
        self._log_variance = LearnedNumbers(tasks, 0.0, learning_rate)

    def weights(self, present: Sequence[str]) -> Weights:
        """``exp(-s)``."""
        return {task: math.exp(-self._log_variance[task]) for task in present}

    def observe(self, losses: Mapping[str, float], norms: Mapping[str, float]) -> None:
        """One step down the derivative by s, ``1 - exp(-s) L``."""
        s = self._log_variance
        s.step({task: 1 - math.exp(-s[task]) * loss for task, loss in losses.items()})
        for task in losses:
            s[task] = min(max(s[task], -_BOUND), _BOUND)

    def _state(self) -> State:
        return self._log_variance.state()

    def _load(self, state: State) -> None:
        self._log_variance.load(state)
