"""Cross-stitch units (Misra, Shrivastava, Gupta & Hebert, CVPR 2016)."""

from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn

from iae.nn.sharing.unit import FusionUnit, total


class CrossStitch(FusionUnit):
    """Every task's map becomes a learned linear combination of all tasks' maps (eq. 1).

    {task: (N, C, H, W)} -> the same. Maps that are alike stay as they are at the beginning, since
    the weights of a target start with sum 1.
    """

    def __init__(
        self,
        tasks: Collection[str],
        channels: int,
        *,
        self_weight: float = 0.9,
        per_channel: bool = True,
        stop_gradient_from: Collection[str] = frozenset(),
    ) -> None:
        """Start near the identity.

        Args:
            tasks: names of the branches.
            channels: C.
            self_weight: a task's weight of its own map at the start; the others share the rest
                evenly. 1 is the identity. The paper found .9 and its neighbours best (table 2).
            per_channel: one weight for each channel, as in the paper; else one for the map.
            stop_gradient_from: see :class:`FusionUnit`.

        Raises:
            ValueError: see :class:`FusionUnit`.
        """
        super().__init__(tasks, stop_gradient_from=stop_gradient_from)
        # Vectors, so that a rule that spares vectors from weight decay spares them, too: a weight
        # drawn to zero would mute a branch.
        shape = (channels if per_channel else 1,)
        other_weight = (1 - self_weight) / (len(self.tasks) - 1)
        self.mix = nn.ModuleDict(
            {
                target: nn.ParameterDict(
                    {
                        source: torch.full(shape, self_weight if source == target else other_weight)
                        for source in self.tasks
                    }
                )
                for target in self.tasks
            }
        )

    def forward(self, maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Mix; {task: (N, C, H, W)} -> {task: (N, C, H, W)}."""
        self.checked(maps)
        mixed = {}
        for target, weights in self.mix.items():
            assert isinstance(weights, nn.ParameterDict)
            seen = self.seen_by(target, maps)
            mixed[target] = total(
                weights[source][:, None, None] * seen[source] for source in self.tasks
            )
        return mixed
