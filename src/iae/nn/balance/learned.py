"""A few numbers, one a task, that are learned beside the network."""

import copy
from collections.abc import Mapping, Sequence

import torch

from iae.errors import ConfigError
from iae.nn.balance.method import State


class LearnedNumbers:
    """One number a task, moved by Adam (Kingma & Ba 2015); in float64 on the CPU.

    A number without a gradient stays, and so does its momentum: a task that is absent for a while
    goes on from where it was. Apart from the network's optimizer, whose clipping, decay and
    schedule are not meant for them.
    """

    def __init__(self, tasks: Sequence[str], start: float, learning_rate: float) -> None:
        """All begin at ``start``.

        Raises:
            ConfigError: ``learning_rate`` is outside (0, 1).
        """
        if not 0 < learning_rate < 1:
            raise ConfigError(f"balance.learning_rate must lie in (0, 1), got {learning_rate}; "
                              "0.025 is usual")  # fmt: skip
        self._numbers = {task: torch.tensor(start, dtype=torch.float64) for task in tasks}
        self._adam = torch.optim.Adam(self._numbers.values(), lr=learning_rate)

    def __getitem__(self, task: str) -> float:
        """The number of a task."""
        return self._numbers[task].item()

    def __setitem__(self, task: str, value: float) -> None:
        self._numbers[task].fill_(value)

    def step(self, gradients: Mapping[str, float]) -> None:
        """One step of Adam for the tasks named; the others stay."""
        for task, number in self._numbers.items():
            known = task in gradients
            number.grad = torch.full_like(number, gradients[task]) if known else None
        self._adam.step()

    def state(self) -> State:
        """Numbers and momentum, as copies: what comes later does not change them."""
        numbers = {task: number.item() for task, number in self._numbers.items()}
        return {"numbers": numbers, "adam": copy.deepcopy(self._adam.state_dict())}

    def load(self, state: State) -> None:
        """The inverse of :meth:`state`."""
        for task, value in state["numbers"].items():
            self[task] = value
        self._adam.load_state_dict(state["adam"])
