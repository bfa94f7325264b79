"""The shared backbone: any timm network, seen through three functions."""

import timm
from timm.models import group_parameters
from torch import nn


def build_backbone(name: str) -> nn.Module:
    """A timm network without its classifier: (N, 3, H, W) -> (N, D) pooled features.

    Weights are random; ``iae.train.pretrained`` fills them.

    Raises:
        ValueError: timm does not know the name.
    """
    if not timm.is_model(name):
        raise ValueError(f"timm has no model '{name}'; similar: {', '.join(_similar(name))}")
    backbone: nn.Module = timm.create_model(name, pretrained=False, num_classes=0)
    return backbone


def _similar(name: str) -> list[str]:
    return timm.list_models(f"*{name.split('_')[0][:8]}*")[:5] or ["resnet50"]


def stage_numbers(backbone: nn.Module) -> dict[str, int]:
    """Parameter name -> its stage, from 1; the stem goes with the first.

    What follows the last stage goes with it (a ConvNeXt's final norm comes after).

    What a stage is, timm says (``group_matcher``); for the EfficientNets it is one ``blocks[i]``.
    """
    layers = group_parameters(backbone, backbone.group_matcher(coarse=True))  # type: ignore[operator]
    return {name: max(1, layer) for layer, members in layers.items() for name in members}


def freeze_stages(backbone: nn.Module, stages: int) -> None:
    """Keep the first ``stages`` stages, and their stem, as they are; 0 freezes nothing."""
    if stages == 0:
        return
    numbers = stage_numbers(backbone)
    for name, parameter in backbone.named_parameters():
        if numbers[name] <= stages:
            parameter.requires_grad_(False)


def fix_normalisation_statistics(module: nn.Module) -> None:
    """Batch normalisation keeps its stored statistics, also in training mode.

    Fine-tuning on two data sets with small batches would otherwise blend their statistics. Its
    scale and shift go on learning. Call it after every ``module.train()``.
    """
    for child in module.modules():
        if isinstance(child, nn.modules.batchnorm._BatchNorm):
            child.eval()
