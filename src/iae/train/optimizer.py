"""The optimizer's groups and the course of its rates."""

import math
from collections.abc import Callable
from typing import Any

import torch

from iae.config import TrainConfig
from iae.nn.network import Network


def param_groups(net: Network, config: TrainConfig) -> list[dict[str, Any]]:
    """AdamW's groups: heads and fusions, which begin without pretrained weights, faster than the
    backbone; early stages slower, if so set; vectors never decayed.

    Vectors are biases and the scales of normalisation, and the weights of a cross-stitch.
    """
    stages = net.stage_numbers()
    last = max(stages.values())
    groups: dict[tuple[float, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        if parameter.requires_grad:
            fast = config.head_lr_factor
            factor = config.layer_decay ** (last - stages[name]) if name in stages else fast
            groups.setdefault((factor, parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": config.lr * factor,
            "weight_decay": config.weight_decay if decays else 0.0,
        }
        for (factor, decays), parameters in groups.items()
    ]


def warmup_and_cosine(steps: int, share: float) -> Callable[[int], float]:
    """Factor of the rate in each step: up over a share of the steps, then a cosine down to 0."""
    warmup = max(1, round(steps * share))

    def rate(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))

    return rate
