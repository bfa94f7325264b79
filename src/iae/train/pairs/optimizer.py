"""The optimizer of the pair task and the course of its rates."""

from collections.abc import Callable

import torch

from iae.config.pairs import PairTrainConfig
from iae.nn.pair import PairNet
from iae.train.optimizer import warmup_and_cosine

_NEW = ("units.", "utility.")
"""Layers that begin without pretrained weights."""


def build_optimizer(net: PairNet, config: PairTrainConfig) -> torch.optim.Optimizer:
    """Groups by rate and decay: new layers faster; AdamW decays no vectors, SGD everything."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        if parameter.requires_grad:
            decays = config.optimizer == "sgd" or parameter.ndim > 1
            groups.setdefault((name.startswith(_NEW), decays), []).append(parameter)
    settings = [
        {
            "params": parameters,
            "lr": config.lr * (config.head_lr_factor if is_new else 1.0),
            "weight_decay": config.weight_decay if decays else 0.0,
        }
        for (is_new, decays), parameters in groups.items()
    ]
    if config.optimizer == "sgd":
        return torch.optim.SGD(settings, momentum=config.momentum)
    return torch.optim.AdamW(settings)


def rate(config: PairTrainConfig, steps_per_epoch: int) -> Callable[[int], float]:
    """Factor of the rates in each step, counted from 0 over all epochs."""
    if config.schedule == "cosine":
        return warmup_and_cosine(config.epochs * steps_per_epoch, config.warmup)
    return lambda step: config.step_factor ** (step // steps_per_epoch // config.step_epochs)
