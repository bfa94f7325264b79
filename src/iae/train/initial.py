"""The network as a run begins: pretrained backbone, fresh heads, nothing trained."""

import timm
import torch

from iae.config import ExperimentConfig
from iae.errors import ConfigError
from iae.images.preprocess import PreprocessSpec
from iae.nn.backbone import build_backbone
from iae.nn.build import build_network
from iae.nn.network import Network
from iae.train.pretrained import load_pretrained


def preprocess_spec(config: ExperimentConfig) -> PreprocessSpec:
    """What the backbone's pretrained weights expect, at the size and aspect asked for."""
    expected = timm.get_pretrained_cfg(config.model.backbone)
    if expected is None:
        raise ConfigError(f"timm has no model '{config.model.backbone}'; see timm.list_models()")
    return PreprocessSpec(
        size=config.model.input_size,
        interpolation="bicubic",
        aspect=config.model.aspect,
        mean=tuple(expected.mean),
        std=tuple(expected.std),
    )


def initial_network(config: ExperimentConfig, spec: PreprocessSpec) -> Network:
    """The network an experiment asks for; the heads of tasks without a loss say nothing.

    Raises:
        ConfigError: timm has no such backbone, or it does not go with the way of sharing.
        CheckpointError: its pretrained weights cannot be had.
    """
    try:
        backbone = build_backbone(config.model.backbone)
        load_pretrained(backbone, config.model.backbone, config.model.pretrained)
        net = build_network(backbone, spec, config.model, config.attributes)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    for task in set(net.heads) - set(config.loss.tasks()):
        net.silence(task)
    # Twice as fast as the default layout for these convolutions on the CPUs measured.
    return net.to(memory_format=torch.channels_last)
