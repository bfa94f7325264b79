"""Neural discriminative dimensionality reduction (NDDR; Gao, Ma, Zhao, Liu & Yuille, CVPR 2019)."""

from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from iae.nn.sharing.unit import FusionUnit, total


class NDDR(FusionUnit):
    """All tasks' maps concatenated, then for each task a 1×1 convolution and a batch norm.

    {task: (N, C, H, W)} -> the same. The convolution over the concatenation is kept as one
    convolution per source, whose outputs are added: the same numbers, and each has its name.
    The relu of some versions is left out, as the networks here do not all have non-negative maps.
    """

    def __init__(
        self,
        tasks: Collection[str],
        channels: int,
        *,
        self_weight: float = 0.9,
        stop_gradient_from: Collection[str] = frozenset(),
    ) -> None:
        """Start with the paper's diagonal initialisation.

        Args:
            tasks: names of the branches.
            channels: C.
            self_weight: diagonal of a task's own convolution; those of the others share the rest
                evenly (alpha and beta of the paper: .9 and .1).
            stop_gradient_from: see :class:`FusionUnit`.

        Raises:
            ValueError: see :class:`FusionUnit`.
        """
        super().__init__(tasks, stop_gradient_from=stop_gradient_from)
        other_weight = (1 - self_weight) / (len(self.tasks) - 1)
        self.reduce = nn.ModuleDict(
            {
                target: nn.ModuleDict(
                    {
                        source: _diagonal(
                            channels, channels, self_weight if source == target else other_weight
                        )
                        for source in self.tasks
                    }
                )
                for target in self.tasks
            }
        )
        self.norm = nn.ModuleDict({task: nn.BatchNorm2d(channels) for task in self.tasks})

    def forward(self, maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Mix; {task: (N, C, H, W)} -> {task: (N, C, H, W)}."""
        self.checked(maps)
        mixed = {}
        for target, convolutions in self.reduce.items():
            assert isinstance(convolutions, nn.ModuleDict)
            seen = self.seen_by(target, maps)
            reduced = total(convolutions[source](seen[source]) for source in self.tasks)
            mixed[target] = self.norm[target](reduced)
        return mixed


class NDDRShortcut(nn.Module):
    """The paper's shortcut: a task's last map out of its maps after every fusion.

    Earlier maps are scaled to the size of the last (bilinear), concatenated, and reduced by a 1×1
    convolution. It starts as the identity of the last map, which the paper leaves to chance: so
    that a pretrained network is not disturbed.
    """

    def __init__(self, tasks: Collection[str], channels: Sequence[int]) -> None:
        """Take the names of the tasks and the channels after each fusion, the last one last.

        Raises:
            ValueError: there are fewer than two fusions.
        """
        super().__init__()
        if len(channels) < 2:
            raise ValueError(f"a shortcut needs two fusions or more, got {len(channels)}")
        last = len(channels) - 1
        self.reduce = nn.ModuleDict(
            {
                task: nn.ModuleList(
                    _diagonal(width, channels[-1], 1.0 if place == last else 0.0)
                    for place, width in enumerate(channels)
                )
                for task in sorted(tasks)
            }
        )

    def forward(self, maps: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
        """Last maps; those after each fusion, [{task: (N, Ci, Hi, Wi)}] -> {task: (N, C, H, W)}."""
        reduced = {}
        for task, convolutions in self.reduce.items():
            assert isinstance(convolutions, nn.ModuleList)
            size = maps[-1][task].shape[-2:]
            reduced[task] = total(
                convolution(_resized(fused[task], size))
                for convolution, fused in zip(convolutions, maps, strict=True)
            )
        return reduced


def _resized(maps: Tensor, size: torch.Size) -> Tensor:
    if maps.shape[-2:] == size:
        return maps
    return interpolate(maps, size=tuple(size), mode="bilinear", align_corners=False)


def _diagonal(channels: int, out: int, value: float) -> nn.Conv2d:
    """A 1×1 convolution that multiplies by ``value``; channels beyond the smaller width get 0."""
    convolution = nn.Conv2d(channels, out, kernel_size=1, bias=False)
    with torch.no_grad():
        convolution.weight.copy_(value * torch.eye(out, channels)[:, :, None, None])
    return convolution
