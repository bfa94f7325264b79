"""Weights by gradient norms (Chen et al. 2018)."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from iae.errors import ConfigError
from iae.nn.balance.learned import LearnedNumbers
from iae.nn.balance.method import LossWeighting, State, Weights

_SMALLEST = 1e-3
"""Of a weight. The paper sets no bound, but Adam can carry a small weight below 0, and a negative
weight would train the task backwards."""


class GradNorm(LossWeighting):
    """Weights under which tasks that have learned less pull harder at the last shared layer.

    Chen et al. 2018, algorithm 1: with ``G_k = w_k |∇_W L_k|``, its mean ``Ḡ`` and the inverse
    training rate ``r_k = (L_k / L_k(0)) / mean_i (L_i / L_i(0))``, the weights go down the slope of
    ``Σ_k |G_k - Ḡ r_k^α|``, the targets taken as constants, and are scaled back to their old sum.

    ``L_k(0)`` is the first loss seen of a task; if that was 0, its relative loss is 1. Means,
    targets and scaling are over the tasks present, so an absent one keeps its weight.
    """

    measures_norms: ClassVar[bool] = True

    def __init__(
        self, tasks: Sequence[str], *, alpha: float = 1.5, learning_rate: float = 0.025
    ) -> None:
        """Restore a common rate with strength ``alpha``; 0 only makes the norms equal.

        Raises:
            ConfigError: ``alpha`` is negative, or ``learning_rate`` outside (0, 1).
        """
        super().__init__(tasks)
        if alpha < 0:
            raise ConfigError(f"balance.alpha must not be negative, got {alpha}; 1.5 is usual")
        self.alpha = alpha
        self._weights = LearnedNumbers(tasks, 1.0, learning_rate)
        self._first: dict[str, float] = {}

    def weights(self, present: Sequence[str]) -> Weights:
        """As they were after the last step."""
        return {task: self._weights[task] for task in present}

    def observe(self, losses: Mapping[str, float], norms: Mapping[str, float]) -> None:
        """One step of Adam for the weights, from this step's losses and gradient norms."""
        for task, loss in losses.items():
            self._first.setdefault(task, loss)
        before = sum(self._weights[task] for task in losses)
        self._weights.step(self._slopes(losses, norms))
        after = {task: max(self._weights[task], _SMALLEST) for task in losses}
        scale = before / sum(after.values())
        for task, weight in after.items():
            self._weights[task] = weight * scale

    def _slopes(self, losses: Mapping[str, float], norms: Mapping[str, float]) -> Weights:
        """Derivative of the sum of gaps by each weight: ``sign(G_k - target_k) |∇_W L_k|``."""
        weighted = {task: self._weights[task] * norms[task] for task in losses}
        mean_norm = sum(weighted.values()) / len(weighted)
        relative = {
            task: loss / self._first[task] if self._first[task] > 0 else 1.0
            for task, loss in losses.items()
        }
        mean_relative = sum(relative.values()) / len(relative)
        slopes = {}
        for task, norm in weighted.items():
            # All losses 0: all are equally far.
            rate = relative[task] / mean_relative if mean_relative > 0 else 1.0
            gap = norm - mean_norm * rate**self.alpha
            slopes[task] = norms[task] * ((gap > 0) - (gap < 0))
        return slopes

    def _state(self) -> State:
        return {**self._weights.state(), "first": dict(self._first)}

    def _load(self, state: State) -> None:
        self._weights.load(state)
        self._first = dict(state["first"])
