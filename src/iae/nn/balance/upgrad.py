"""Unconflicting projection of gradients (Quinton & Rey 2024), by TorchJD."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torchjd.aggregation import UPGradWeighting

from iae.errors import MissingExtraError
from iae.nn.balance.method import GradientCombination


class UPGrad(GradientCombination):
    """Project each gradient onto the cone of directions that harm no task; then sum.

    Quinton & Rey 2024, "Jacobian Descent for Multi-Objective Optimization", eq. 3 and 4, solved by
    TorchJD. The result has an inner product with every task's gradient that is not negative, up to
    what TorchJD's regularisation leaves, some 1e-4 of the norms.

    The projection is the same whatever the lengths of the gradients that span the cone. TorchJD is
    therefore handed gradients of length 1, and their lengths as preferences: as they come, a task
    a hundred times weaker than another drowns in the regularisation, and when the squared norms
    together are below 1e-4, TorchJD takes all for 0 and projects nothing. A gradient of length 0
    conflicts with none and adds nothing; its coefficient is 1.
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        """Balance these tasks.

        Raises:
            MissingExtraError: TorchJD's solver is not installed.
        """
        super().__init__(tasks)
        try:
            UPGradWeighting()  # TorchJD says so only when it is used
        except ImportError:
            raise MissingExtraError("train", "balancing by UPGrad") from None

    def coefficients(self, gramian: Tensor) -> Tensor:
        """How much of each gradient the sum has; (K, K) -> (K,), each at least 1."""
        lengths = gramian.diagonal().sqrt()
        coefficients = torch.ones_like(lengths)
        felt = lengths > 0
        # Relative to the longest: the solver is not asked about 1e-12 against 1.
        scale = lengths[felt]
        if not len(scale):
            return coefficients
        cosines = gramian[felt][:, felt] / torch.outer(scale, scale)
        preferences = scale / scale.max()
        found = UPGradWeighting(preferences)(cosines)
        coefficients[felt] = found / preferences
        return coefficients
