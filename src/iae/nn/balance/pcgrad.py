"""Gradient surgery (Yu et al. 2020)."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from iae.nn.balance.method import GradientCombination, State


class PCGrad(GradientCombination):
    """From each gradient, take away what points against another; then sum.

    Yu et al. 2020, algorithm 1. The order in which the others are met is drawn anew in each step,
    from the seed and the number of the step only; between two tasks it makes no difference.
    """

    def __init__(self, tasks: Sequence[str], *, seed: int = 0) -> None:
        """Draw orders from this seed."""
        super().__init__(tasks)
        self.seed, self._steps = seed, 0

    def coefficients(self, gramian: Tensor) -> Tensor:
        """How much of each gradient the sum has; (K, K) -> (K,), each at least 1."""
        rng = np.random.default_rng([self.seed, self._steps])
        self._steps += 1
        return surgery(gramian, [rng.permutation(len(gramian)).tolist() for _ in gramian])

    def _state(self) -> State:
        return {"steps": self._steps}

    def _load(self, state: State) -> None:
        self._steps = state["steps"]


def surgery(gramian: Tensor, orders: Sequence[Sequence[int]]) -> Tensor:
    """Coefficients of the summed projected gradients.

    All that algorithm 1 does with gradients is to add multiples of them to one another; with
    their inner products at hand, it can be done to the coefficients alone.

    Args:
        gramian: (K, K) inner products of the gradients.
        orders: for each gradient, the order in which it meets the others (itself is passed over).

    Returns:
        (K,) the sum is that of the gradients, each times its coefficient.
    """
    total = torch.zeros(len(gramian), dtype=gramian.dtype)
    for i, order in enumerate(orders):
        projected = torch.zeros_like(total)
        projected[i] = 1.0
        for j in order:
            inner = gramian[j] @ projected
            if j != i and inner < 0:  # so gradient j is not 0
                projected[j] -= inner / gramian[j, j]
        total += projected
    return total
