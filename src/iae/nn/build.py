"""The network that an experiment asks for."""

from collections.abc import Sequence

from torch import nn

from iae.config import ModelConfig
from iae.images.preprocess import PreprocessSpec
from iae.nn.branches import BranchedNet
from iae.nn.joint import JointNet
from iae.nn.network import TASK_CLASSES, Network


def build_network(
    backbone: nn.Module,
    spec: PreprocessSpec,
    model: ModelConfig,
    attributes: Sequence[str] = (),
) -> Network:
    """Put together a backbone and heads, with as much in common as the settings say.

    A ``JointNet`` where all is shared, unless the trunk is to be told apart from the rest.
    ``attributes`` are other questions whose mean ratings are learned, as a task of their own.

    Raises:
        ValueError: the backbone cannot be taken apart, or has not the stages that are asked for.
    """
    tasks = {**TASK_CLASSES, **({"attributes": attributes} if attributes else {})}
    if model.sharing == "hard" and model.trunk_stages == 0:
        return JointNet(backbone, spec, dropout=model.dropout, tasks=tasks)
    return BranchedNet(
        backbone,
        spec,
        sharing=model.sharing,
        trunk_stages=model.trunk_stages,
        fuse_after=model.fuse_after,
        tasks=tasks,
        dropout=model.dropout,
        stop_gradient_from=model.stop_gradient_from,
        self_weight=model.self_weight,
        aggregation_relu=model.aggregation_relu,
        nddr_shortcut=model.nddr_shortcut,
    )
