"""What every balancing method is to the training step: how often to differentiate, what to combine.

There are two families. A :class:`LossWeighting` knows its weights before the step, so one backward
pass through the weighted sum is enough. A :class:`GradientCombination` wants each task's gradient
by itself, so it costs one backward pass a task.

Both work on what is *global*: losses are means over the labels of all processes and all pieces of
a batch, gradients are summed over them first. Both families are handed the present tasks only; a
task without any label in a step has no part in it and its state stays as it was. No method looks
at a random number generator or a process rank, so every process comes to the same numbers.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from iae.errors import CheckpointError, ConfigError

State = dict[str, Any]
"""Plain numbers, strings, lists and tensors: what ``torch.load(weights_only=True)`` reads."""

Weights = dict[str, float]
"""Task -> what its loss is multiplied by."""


class Balance(ABC):
    """One way of balancing tasks, with the state that a resumed run needs.

    All methods combine a *sum* over tasks and not a mean, so that where tasks agree (or there is
    one), each gives the gradient of the plain sum of the losses and a learning rate means the same.
    """

    measures_norms: ClassVar[bool] = False
    """Whether :meth:`observe` needs the norms of the tasks' gradients."""

    def __init__(self, tasks: Sequence[str]) -> None:
        """Balance the tasks of these names.

        Raises:
            ConfigError: there is none, or a name comes twice.
        """
        if not tasks or len(set(tasks)) < len(tasks):
            raise ConfigError(f"tasks to balance must be one or more different names, "
                              f"got {list(tasks)}")  # fmt: skip
        self.tasks = tuple(tasks)

    @abstractmethod
    def passes(self, present: Sequence[str]) -> dict[str, Weights]:
        """What to differentiate in this step: one backward pass each, by name.

        Args:
            present: the tasks that have a label somewhere in this step; not empty.

        Returns:
            Pass -> the weights of the losses whose sum it differentiates.
        """

    @abstractmethod
    def combine(self, gradients: Mapping[str, Tensor]) -> Tensor:
        """The gradient of the shared parameters; {pass: (P,)} -> (P,)."""

    def observe(self, losses: Mapping[str, float], norms: Mapping[str, float]) -> None:  # noqa: B027
        """Learn from a step, after its gradient was made; by default nothing.

        Args:
            losses: loss of each present task, unweighted, finite.
            norms: norm of each present task's gradient, unweighted; empty unless
                :attr:`measures_norms`.
        """

    def state_dict(self) -> State:
        """What a resumed run needs to go on exactly as it would have."""
        return {"method": type(self).__name__, "tasks": list(self.tasks), **self._state()}

    def load_state_dict(self, state: State) -> None:
        """Take up the state of an interrupted run.

        Raises:
            CheckpointError: it is that of another method or of other tasks.
        """
        mine = (type(self).__name__, list(self.tasks))
        theirs = (state.get("method"), state.get("tasks"))
        if theirs != mine:
            raise CheckpointError(f"the saved balance is {theirs[0]} of {theirs[1]}, this run's "
                                  f"is {mine[0]} of {mine[1]}; resume with the settings it was "
                                  "begun with")  # fmt: skip
        self._load(state)

    def _state(self) -> State:
        return {}

    def _load(self, state: State) -> None:
        return None


class LossWeighting(Balance):
    """A method that gives each loss a weight, known before the step."""

    @abstractmethod
    def weights(self, present: Sequence[str]) -> Weights:
        """Weights of the present tasks in this step; positive or 0."""

    def passes(self, present: Sequence[str]) -> dict[str, Weights]:
        """One: the weighted sum."""
        return {"weighted sum": self.weights(present)}

    def combine(self, gradients: Mapping[str, Tensor]) -> Tensor:
        """The gradient of the weighted sum as it is."""
        return gradients["weighted sum"]


class GradientCombination(Balance):
    """A method that combines the tasks' gradients by weights found from their inner products."""

    def passes(self, present: Sequence[str]) -> dict[str, Weights]:
        """One a task: its loss by itself."""
        return {task: {task: 1.0} for task in present}

    @abstractmethod
    def coefficients(self, gramian: Tensor) -> Tensor:
        """How much of each gradient; inner products (K, K) float64 on the CPU -> (K,)."""

    def combine(self, gradients: Mapping[str, Tensor]) -> Tensor:
        """The combined gradient; {task: (P,)} -> (P,)."""
        rows = list(gradients.values())
        coefficients: list[float] = self.coefficients(gramian(rows)).tolist()
        combined = rows[0] * coefficients[0]
        for row, coefficient in zip(rows[1:], coefficients[1:], strict=True):
            combined.add_(row, alpha=coefficient)
        return combined


def gramian(rows: Sequence[Tensor]) -> Tensor:
    """Inner products of gradients; K × (P,) -> (K, K) float64 on the CPU.

    By dot products and not as one matrix product: that would copy all gradients into one matrix,
    and may be computed with fewer digits (TF32, autocast).
    """
    products = [[torch.dot(a, b) for b in rows[: i + 1]] for i, a in enumerate(rows)]
    flat = torch.stack([product for row in products for product in row])
    lower = torch.zeros(len(rows), len(rows), dtype=torch.float64)
    lower[tuple(torch.tril_indices(len(rows), len(rows)))] = flat.double().cpu()
    symmetric: Tensor = lower + lower.tril(-1).T
    return symmetric
