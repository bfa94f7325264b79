"""``PairNet``: which of two shots people prefer, as the difference of two utilities.

Bradley and Terry (1952): the log-odds that photo a is preferred to photo b is u_a - u_b.
"""

import torch
from torch import Tensor, nn

from iae.config.pairs import PairModelConfig
from iae.images.preprocess import PreprocessSpec
from iae.nn.attention import ParallelAttention
from iae.nn.backbone import fix_normalisation_statistics, freeze_stages

TAPS = 3
"""Maps that attention units look at: the outputs of the last stages, as published."""


class PairNet(nn.Module):
    """Pixels to two numbers a photo: its utility as the first and as the second of a pair.

    With one shared branch the two are one number, so that the preference is antisymmetric by
    construction: swapping the photos negates it, and no photo is preferred to itself. The
    published network has attention units of its own for each place in the pair, and a constant
    besides; that is ``branch = "two-sided"``, for comparison, and has neither property.

    It takes pixels as :func:`iae.images.preprocess.to_pixels` gives them and normalises them
    itself, as the joint networks do.
    """

    def __init__(self, backbone: nn.Module, spec: PreprocessSpec, model: PairModelConfig) -> None:
        """Put a head on a timm network without classifier.

        Raises:
            ValueError: attention units are wanted and the network gives no three maps.
        """
        super().__init__()
        self.spec = spec
        mean, std = torch.tensor(spec.mean), torch.tensor(spec.std)
        self.register_buffer("scale", (1 / (255 * std)).view(3, 1, 1), persistent=False)
        self.register_buffer("shift", (-mean / std).view(3, 1, 1), persistent=False)
        self.scale: Tensor
        self.shift: Tensor
        self.keeps_statistics = model.normalisation == "fixed"
        sides = 2 if model.branch == "two-sided" else 1
        self.units = nn.ModuleList()
        width = int(backbone.num_features)  # type: ignore[arg-type]
        if model.head == "pau":
            channels = _tapped_channels(backbone, spec.size)
            width = 2 * sum(channels)
            self.units.extend(
                nn.ModuleList(ParallelAttention(count) for count in channels) for _ in range(sides)
            )
        self.backbone = backbone
        self.standardise = (
            nn.LayerNorm(width, elementwise_affine=False) if model.standardise else nn.Identity()
        )
        self.dropout = nn.Dropout(model.dropout)
        self.utility = nn.Linear(width, 1, bias=sides == 2)
        self.train()  # with fixed statistics, whether or not anybody calls it again

    def sides(self, pixels: Tensor) -> list[Tensor]:
        """Features of photos, once for each place in a pair that differs; (N, H, W, 3) -> (N, D).

        A list of one with a shared branch, of two with the published two-sided one. The backbone
        sees each photo once in any case.
        """
        x = pixels.permute(0, 3, 1, 2).to(self.scale.dtype) * self.scale + self.shift
        if not self.units:
            return self._standardised([self.backbone(x)])
        maps = self.backbone.forward_intermediates(  # type: ignore[operator]
            x, indices=TAPS, intermediates_only=True
        )
        return self._standardised([_look(units, maps) for units in self.units])  # type: ignore[arg-type]

    def _standardised(self, sides: list[Tensor]) -> list[Tensor]:
        standardised: list[Tensor] = [self.standardise(features) for features in sides]
        return standardised

    def forward(self, pixels: Tensor) -> Tensor:
        """Utility as the first and as the second photo; (N, H, W, 3) uint8 RGB -> (N, 2) log-odds.

        Two equal columns with a shared branch. A constant counts for the first photo.
        """
        first, *others = (self.dropout(features) for features in self.sides(pixels))
        as_first: Tensor = self.utility(first)  # (N, 1)
        if not others:
            return as_first.expand(-1, 2)
        as_second = others[0] @ self.utility.weight.T  # (N, 1)
        return torch.cat([as_first, as_second], dim=1)

    def freeze_stages(self, count: int) -> None:
        """Keep the first ``count`` stages of the backbone, and its stem, as they are."""
        freeze_stages(self.backbone, count)

    def train(self, mode: bool = True) -> "PairNet":
        """Training mode; batch normalisation keeps its statistics if the settings say so."""
        super().train(mode)
        if self.keeps_statistics:
            fix_normalisation_statistics(self)
        return self


def pair_logits(utilities: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Log-odds that the first photo of each pair is preferred to the second.

    Args:
        utilities: (N, 2) of photos, as :class:`PairNet` gives them.
        first: (P,) numbers of photos.
        second: (P,) numbers of photos.

    Returns:
        (P,); with equal columns of ``utilities`` the negative of what swapped photos get.
    """
    return utilities[first, 0] - utilities[second, 1]


def pair_loss(logits: Tensor, share: Tensor) -> Tensor:
    """Cross-entropy of preferences with the shares of people who hold them, mean over pairs.

    Args:
        logits: (P,) log-odds that the first photo is preferred.
        share: (P,) of people who prefer it, in [0, 1]; 0 and 1 where the majority alone counts.

    Returns:
        () in nats; least, the entropy of the shares, where the logits are their log-odds.
    """
    return nn.functional.binary_cross_entropy_with_logits(logits, share)


def _look(units: nn.ModuleList, maps: list[Tensor]) -> Tensor:
    """What each unit sees in its map, joined; maps (N, C, H, W) -> (N, 2 ΣC)."""
    return torch.cat([unit(one) for unit, one in zip(units, maps, strict=True)], dim=1)


def _tapped_channels(backbone: nn.Module, size: int) -> list[int]:
    """Channels of the maps of the last stages; what comes after them is taken off the network."""
    if not hasattr(backbone, "forward_intermediates"):
        raise ValueError(f"timm's {type(backbone).__name__} gives no maps of its stages; "
                         "head = 'pau' needs one that does, such as resnet50")  # fmt: skip
    backbone.prune_intermediate_layers(TAPS, prune_norm=True, prune_head=True)  # type: ignore[operator]
    probe = torch.zeros(1, 3, size, size)
    was_training = backbone.training
    with torch.no_grad():
        maps = backbone.eval().forward_intermediates(  # type: ignore[operator]
            probe, indices=TAPS, intermediates_only=True
        )
    backbone.train(was_training)
    if len(maps) != TAPS:
        raise ValueError(f"{type(backbone).__name__} has {len(maps)} stages, wanted {TAPS}")
    return [int(one.shape[1]) for one in maps]
