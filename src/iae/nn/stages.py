"""A timm network taken apart: its stages, in order, and what turns the last map into features.

Stages are numbered from 1, as ``iae.nn.backbone.freeze_stages`` counts them; what comes before the
first (the stem) belongs to it. Widths are measured by sending shapes, and no numbers, through the
network: timm's ``feature_info`` names not every stage of an EfficientNet.
"""

import copy
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from timm.models.convnext import ConvNeXt
from timm.models.efficientnet import EfficientNet
from timm.models.inception_v3 import InceptionV3
from timm.models.resnet import ResNet
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn
from torch.func import functional_call


@dataclass(frozen=True)
class Stages:
    """The parts of a network; one after the other they are the network."""

    stages: tuple[nn.Module, ...]
    """The first takes pixels (N, 3, H, W); each gives maps (N, C, H, W) or tokens (N, L, C)."""
    tail: nn.Module
    """Takes what the last stage gives; pooled features (N, D)."""
    prefix_tokens: int = 0
    """Tokens before those of the image's patches (the class token); 0 for networks with maps."""
    last_map_matters: bool = True
    """False if features are taken from the prefix tokens alone."""

    def widths(self, size: int) -> tuple[int, ...]:
        """Channels after each stage, and at the end D, for pixels of ``size`` × ``size``."""
        x = torch.empty(1, 3, size, size, device="meta")
        widths = []
        for part in (*self.stages, self.tail):
            x = _shape_only(part, x)
            widths.append(x.shape[1 if x.ndim == 4 else -1])
        return tuple(widths)


def take_apart(backbone: nn.Module) -> Stages:
    """Copies of a network's stages; the network itself stays whole.

    Args:
        backbone: as ``iae.nn.backbone.build_backbone`` gives it, without a classifier.

    Raises:
        ValueError: its family is none of those that can be taken apart.
    """
    for family, split in _FAMILIES.items():
        if isinstance(backbone, family):
            return split(copy.deepcopy(backbone))
    known = ", ".join(family.__name__ for family in _FAMILIES)
    raise ValueError(
        f"a {type(backbone).__name__} cannot be taken apart into stages; "
        f"timm's {known} can, such as resnet50 or tf_efficientnet_lite0"
    )


def tokens_to_maps(tokens: Tensor, prefix: int) -> tuple[Tensor, Tensor]:
    """Tokens (N, prefix + S², C) -> prefix tokens (N, prefix, C) and maps (N, C, S, S).

    Raises:
        ValueError: the patches form no square.
    """
    count, length, channels = tokens.shape
    side = math.isqrt(length - prefix)
    if side * side != length - prefix:
        raise ValueError(f"{length - prefix} patches form no square map; photos must be square")
    maps = tokens[:, prefix:].transpose(1, 2).reshape(count, channels, side, side)
    return tokens[:, :prefix], maps


def maps_to_tokens(prefix_tokens: Tensor, maps: Tensor) -> Tensor:
    """The inverse of :func:`tokens_to_maps`."""
    return torch.cat([prefix_tokens, maps.flatten(2).transpose(1, 2)], dim=1)


def _shape_only(part: nn.Module, x: Tensor) -> Tensor:
    """What ``part`` gives, as a tensor without numbers; nothing of it changes."""
    state = {**dict(part.named_parameters()), **dict(part.named_buffers())}
    weightless = {name: tensor.detach().to("meta") for name, tensor in state.items()}
    modes = {module: module.training for module in part.modules()}
    part.eval()
    try:
        with torch.no_grad():
            result: Tensor = functional_call(part, weightless, (x,))
    finally:
        for module, mode in modes.items():
            module.training = mode
    return result


def _chain(backbone: nn.Module, *names: str) -> nn.Sequential:
    """Children of the network, by name, one after the other."""
    return nn.Sequential(OrderedDict((name, backbone.get_submodule(name)) for name in names))


def _with_stem(stem: nn.Module, first: nn.Module) -> nn.Module:
    return nn.Sequential(OrderedDict(stem=stem, stage=first))


def _resnet(net: nn.Module) -> Stages:
    stem = _chain(net, "conv1", "bn1", "act1", "maxpool")
    first, *others = (net.get_submodule(f"layer{number}") for number in (1, 2, 3, 4))
    return Stages((_with_stem(stem, first), *others), _chain(net, "global_pool"))


def _efficientnet(net: nn.Module) -> Stages:
    first, *others = net.get_submodule("blocks").children()
    stem = _chain(net, "conv_stem", "bn1")
    tail = _chain(net, "conv_head", "bn2", "global_pool")
    return Stages((_with_stem(stem, first), *others), tail)


def _convnext(net: nn.Module) -> Stages:
    first, *others = net.get_submodule("stages").children()
    stem, tail = net.get_submodule("stem"), _chain(net, "norm_pre", "head")
    return Stages((_with_stem(stem, first), *others), tail)


def _inception(net: nn.Module) -> Stages:
    stem = _chain(net, "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Pool1")
    first = _chain(net, "Conv2d_3b_1x1", "Conv2d_4a_3x3", "Pool2")
    mixed = [child for name, child in net.named_children() if name.startswith("Mixed_")]
    return Stages((_with_stem(stem, first), *mixed), _chain(net, "global_pool"))


class _Embedding(nn.Module):
    """A vision transformer without its blocks: pixels (N, 3, H, W) -> tokens (N, L, C)."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        net.norm, net.fc_norm = nn.Identity(), nn.Identity()
        net.attn_pool = None  # type: ignore[assignment]
        self.net = net

    def forward(self, pixels: Tensor) -> Tensor:
        tokens: Tensor = self.net.forward_features(pixels)  # type: ignore[operator]
        return tokens


class _Pooling(nn.Module):
    """What a vision transformer does after its blocks: tokens (N, L, C) -> features (N, D)."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        net.patch_embed, net.norm_pre = nn.Identity(), nn.Identity()
        for name in ("cls_token", "reg_token", "pos_embed"):
            setattr(net, name, None)
        self.net = net

    def forward(self, tokens: Tensor) -> Tensor:
        features: Tensor = self.net.forward_head(self.net.norm(tokens))  # type: ignore[operator]
        return features


def _vision_transformer(net: nn.Module) -> Stages:
    first, *others = net.get_submodule("blocks").children()
    # Its first and last steps are methods of the whole, so each gets a copy without the rest.
    net.blocks = nn.Sequential()
    embedding, pooling = _Embedding(copy.deepcopy(net)), _Pooling(net)
    return Stages(
        (_with_stem(embedding, first), *others),
        pooling,
        prefix_tokens=int(net.num_prefix_tokens),  # type: ignore[arg-type]
        last_map_matters=getattr(net, "attn_pool", None) is not None
        or getattr(net, "global_pool", "") != "token",
    )


_FAMILIES: Mapping[type[nn.Module], Callable[[nn.Module], Stages]] = {
    ResNet: _resnet,
    EfficientNet: _efficientnet,
    ConvNeXt: _convnext,
    VisionTransformer: _vision_transformer,
    InceptionV3: _inception,
}
