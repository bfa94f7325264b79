"""Adaptive feature aggregation (AFA): shares of self and others, by channel and by position.

Published for two tasks; here for N. Its two softmaxed maps are "self" and "other", and both tasks
use the same pair. With N tasks the softmax runs over the N sources, where the N - 1 others have
the logit "other" in common: for N = 2 that is the published formula, and no task is treated
differently for its place in a list.
"""

import math
from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn

from iae.nn.sharing.unit import FusionUnit, total

_REDUCTION, _MIN_WIDTH, _KERNEL = 16, 32, 7


class _Aggregation(FusionUnit):
    """Weights of self and others from a subclass; the mixing, which is the same for both."""

    def __init__(
        self,
        tasks: Collection[str],
        *,
        relu: bool,
        self_weight: float | None,
        stop_gradient_from: Collection[str],
    ) -> None:
        super().__init__(tasks, stop_gradient_from=stop_gradient_from)
        if self_weight is not None and not 0 < self_weight < 1:
            raise ValueError(f"self_weight must lie between 0 and 1, got {self_weight}")
        self.relu = relu
        self.lead = 0.0
        """What the own logit is ahead of the others' before anything is learned."""
        if self_weight is not None:
            self.lead = math.log(self_weight * (len(self.tasks) - 1) / (1 - self_weight))

    def weights(self, maps: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Shares of self and of each other source; they broadcast to (N, C, H, W)."""
        raise NotImplementedError

    def forward(self, maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Mix; {task: (N, C, H, W)} -> {task: (N, C, H, W)}."""
        lent = self.lent(self.checked(maps))
        own, other = self.weights(lent)
        mixed = {
            target: own * maps[target]
            + other * total(lent[source] for source in self.tasks if source != target)
            for target in self.tasks
        }
        return {task: x.relu() for task, x in mixed.items()} if self.relu else mixed

    def _shares(self, own_logits: Tensor, other_logits: Tensor) -> tuple[Tensor, Tensor]:
        """Softmax over the sources, one of which is the task itself; own + (N - 1) other = 1."""
        others = [other_logits] * (len(self.tasks) - 1)
        shares = torch.stack([own_logits + self.lead, *others]).softmax(dim=0)
        return shares[0], shares[1]


class ChannelAggregation(_Aggregation):
    """AFA over channels: {task: (N, C, H, W)} -> the same.

    ``g = relu(W [GAP(x_1); ...; GAP(x_N)])`` of width ``max(N C / 16, 32)``; two linear maps of g
    become, through the softmax, the shares s (self) and o (other) of each channel:
    ``x_i' = relu(s x_i + o sum_(j != i) x_j)``. No map has a bias. W is kept as one matrix a task.
    """

    def __init__(
        self,
        tasks: Collection[str],
        channels: int,
        *,
        relu: bool = True,
        self_weight: float | None = None,
        stop_gradient_from: Collection[str] = frozenset(),
    ) -> None:
        """Start with torch's own random weights.

        Args:
            tasks: names of the branches.
            channels: C.
            relu: the published one after the mixing. On maps that are non-negative, as those of
                a ResNet are, it changes nothing; on others it deletes what is negative.
            self_weight: the share of self where g is 0, and about that in the beginning, by a
                constant added to its logit. None adds nothing, as published: shares begin near
                even, where all tasks' outputs are the same average, and so are the gradients of
                all branches: copies of one network then take long to become different.
            stop_gradient_from: see :class:`FusionUnit`; the weights see such a branch, too,
                without a gradient.

        Raises:
            ValueError: see :class:`FusionUnit`; or ``self_weight`` is not between 0 and 1.
        """
        super().__init__(
            tasks, relu=relu, self_weight=self_weight, stop_gradient_from=stop_gradient_from
        )
        joined = len(self.tasks) * channels
        width = max(joined // _REDUCTION, _MIN_WIDTH)
        self.squeeze = nn.ModuleDict(
            {task: nn.Linear(channels, width, bias=False) for task in self.tasks}
        )
        for part in self.squeeze.values():
            _draw_as_part_of(part, fan_in=joined)
        self.own = nn.Linear(width, channels, bias=False)
        self.other = nn.Linear(width, channels, bias=False)

    def weights(self, maps: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Shares of self and of each other source by channel; each (N, C, 1, 1)."""
        g = total(self.squeeze[task](maps[task].mean((2, 3))) for task in self.tasks).relu()
        own, other = self._shares(self.own(g), self.other(g))  # (N, C)
        return own[:, :, None, None], other[:, :, None, None]


class SpatialAggregation(_Aggregation):
    """AFA over space: {task: (N, C, H, W)} -> the same, whatever H and W.

    ``h = relu(conv7×7([mean_c(x_1); ...; mean_c(x_N)]))``, one map; from it two maps of logits,
    and through the softmax the shares s and o of each position:
    ``x_i' = relu(s x_i + o sum_(j != i) x_j)``.

    The published unit makes the two maps of logits with two full linear maps of the flattened h,
    of (HW)² weights each, which fixes H and W (to 7×7). Here they are two 7×7 convolutions: the
    linear maps whose weights depend on the distance of two positions only, and end at three.
    They fit any size, have 49 weights instead of 2,401, and treat a photo's every part alike.
    No map has a bias.
    """

    def __init__(
        self,
        tasks: Collection[str],
        *,
        relu: bool = True,
        self_weight: float | None = None,
        stop_gradient_from: Collection[str] = frozenset(),
    ) -> None:
        """Start with torch's own random weights, those of the first convolution made positive.

        Its one output goes through a relu. With signs at random, half of all beginnings would
        give a map of zeros for every photo (channel means after a relu are positive), and with it
        no gradient ever. (Channel means of EfficientNet-Lite0 have both signs: with this beginning
        14 photos of 16 have a map with something in it.)

        Args:
            tasks: names of the branches.
            relu: the published one after the mixing; see :class:`ChannelAggregation`.
            self_weight: the share of self where h is 0; see there.
            stop_gradient_from: see :class:`FusionUnit`; the weights see such a branch, too,
                without a gradient.

        Raises:
            ValueError: see :class:`FusionUnit`; or ``self_weight`` is not between 0 and 1.
        """
        super().__init__(
            tasks, relu=relu, self_weight=self_weight, stop_gradient_from=stop_gradient_from
        )
        self.squeeze = nn.ModuleDict({task: _convolution() for task in self.tasks})
        for part in self.squeeze.values():
            _draw_as_part_of(part, fan_in=len(self.tasks) * _KERNEL**2)
            with torch.no_grad():
                part.get_parameter("weight").abs_()
        self.own = _convolution()
        self.other = _convolution()

    def weights(self, maps: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Shares of self and of each other source by position; each (N, 1, H, W)."""
        means = {task: maps[task].mean(dim=1, keepdim=True) for task in self.tasks}
        h = total(self.squeeze[task](means[task]) for task in self.tasks).relu()
        return self._shares(self.own(h), self.other(h))


class AFA(FusionUnit):
    """Both aggregations: first over channels, then over space.

    {task: (N, C, H, W)} -> the same. Shares add up to 1, so branches that are alike, as copies of
    one pretrained network are in the beginning, come out as they went in (after the relu).
    """

    def __init__(
        self,
        tasks: Collection[str],
        channels: int,
        *,
        relu: bool = True,
        self_weight: float | None = None,
        stop_gradient_from: Collection[str] = frozenset(),
    ) -> None:
        """Take what :class:`ChannelAggregation` and :class:`SpatialAggregation` take."""
        super().__init__(tasks, stop_gradient_from=stop_gradient_from)
        self.channel = ChannelAggregation(
            tasks,
            channels,
            relu=relu,
            self_weight=self_weight,
            stop_gradient_from=stop_gradient_from,
        )
        self.space = SpatialAggregation(
            tasks, relu=relu, self_weight=self_weight, stop_gradient_from=stop_gradient_from
        )

    def forward(self, maps: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Mix; {task: (N, C, H, W)} -> {task: (N, C, H, W)}."""
        mixed: dict[str, Tensor] = self.space(self.channel(maps))
        return mixed


def _convolution() -> nn.Conv2d:
    """One map to one map of the same size."""
    return nn.Conv2d(1, 1, _KERNEL, padding=_KERNEL // 2, bias=False)


def _draw_as_part_of(part: nn.Module, *, fan_in: int) -> None:
    """Draw weights as torch would for the whole layer, of ``fan_in`` inputs, of which it is one."""
    bound = 1 / math.sqrt(fan_in)
    nn.init.uniform_(part.get_parameter("weight"), -bound, bound)
