"""The optimizer's groups and the course of its rates."""

import math
from collections.abc import Callable
from typing import Any

import torch

from iae.config import TrainConfig
from iae.nn.network import Network

_FAST = ("heads.", "fusions.", "shortcut.")
"""Parts that begin without pretrained weights."""


def param_groups(net: Network, config: TrainConfig) -> list[dict[str, Any]]:
    """AdamW's groups: heads and fusions faster than the backbone; vectors never decayed.

    Vectors are biases and the scales of normalisation, and the weights of a cross-stitch.
    """
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((name.startswith(_FAST), parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": config.lr * (config.head_lr_factor if is_fast else 1.0),
            "weight_decay": config.weight_decay if decays else 0.0,
        }
        for (is_fast, decays), parameters in groups.items()
    ]


def warmup_and_cosine(steps: int, share: float) -> Callable[[int], float]:
    """Factor of the rate in each step: up over a share of the steps, then a cosine down to 0."""
    warmup = max(1, round(steps * share))

    def rate(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))

    return rate
