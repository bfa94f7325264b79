"""A trained model on disk: ``model.safetensors`` and ``model.json`` in one folder.

Neither file can carry code. The JSON says what the numbers are: backbone, preprocessing, label
names, calibration, the settings and data they were trained with, and the licence of that data.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from iae.config import ModelConfig, from_mapping
from iae.errors import CheckpointError, ConfigError, OutputError
from iae.files import written_whole
from iae.images.preprocess import PreprocessSpec
from iae.metrics import Calibration
from iae.metrics.json_ready import json_ready
from iae.nn.backbone import build_backbone
from iae.nn.build import build_network
from iae.nn.network import TASK_CLASSES, Network

KIND = "iae.joint"
FORMAT = 2
"""2 has ``network``; format 1, without it, holds a ``JointNet`` and is still read."""
_READ = (1, 2)
_SHAPE = ("sharing", "trunk_stages", "fuse_after", "stop_gradient_from", "self_weight",
          "aggregation_relu", "nddr_shortcut")  # fmt: skip
WEIGHTS, CARD = "model.safetensors", "model.json"


@dataclass(frozen=True, kw_only=True)
class ModelRecord:
    """What is known about a trained model beside its weights."""

    backbone: str
    """timm name."""
    network: Mapping[str, Any] = field(default_factory=dict)
    """What the tasks share: the settings of ``ModelConfig`` that the network is built by."""
    attributes: Sequence[str] = ()
    """Other questions that it learned to answer."""
    preprocess: PreprocessSpec
    calibration: Calibration = field(default_factory=Calibration)
    experiment: Mapping[str, Any] = field(default_factory=dict)
    """The settings of the run, as ``iae.config.to_mapping`` gives them."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Photos used of each data set, by split."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Validation figures of this very state."""
    licence: str = ""
    """What may be done with the weights."""
    version: str = ""
    """Of iae that trained it."""


def network_settings(model: ModelConfig) -> dict[str, Any]:
    """What :attr:`ModelRecord.network` is to say."""
    values = {name: getattr(model, name) for name in _SHAPE}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def save_model(folder: Path, net: Network, record: ModelRecord) -> None:
    """Write a model folder; its files appear under their names only when both are complete.

    Raises:
        OutputError: the folder cannot be written, or the disk is full; what was there stays.
    """
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in net.state_dict().items()}
    card = {
        "kind": KIND,
        "format": FORMAT,
        "labels": {task: list(classes) for task, classes in TASK_CLASSES.items()},
        **asdict(record),
    }
    with written_whole(folder / WEIGHTS) as weights, written_whole(folder / CARD) as text:
        try:
            save_file(state, weights)
        except SafetensorError as error:  # its name for what the system says of a full disk
            raise OutputError(f"cannot write {folder / WEIGHTS}: {error}") from None
        # An undefined figure (a rank correlation with a constant) is null: JSON knows no NaN.
        said = json.dumps(json_ready(card), indent=1, sort_keys=True, allow_nan=False)
        text.write_text(said + "\n", "utf-8")


def load_model(path: Path) -> tuple[Network, ModelRecord]:
    """Read a model folder (or the ``.safetensors`` file in one). The network is in eval mode.

    Raises:
        CheckpointError: a file is missing or damaged, or is a model of another kind or for other
            labels.
    """
    folder = path.parent if path.suffix == ".safetensors" else path
    record = load_card(folder)
    try:
        state = load_file(folder / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"cannot read {folder / WEIGHTS}: {error}") from None
    try:
        shape = from_mapping(ModelConfig, {**record.network, "dropout": 0.0})
        net = build_network(
            build_backbone(record.backbone), record.preprocess, shape, record.attributes
        )
        net.load_state_dict(state)
    except (RuntimeError, ValueError, ConfigError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{folder} does not hold a {record.backbone}: {reason}") from None
    return net.eval(), record


def load_card(folder: Path) -> ModelRecord:
    """What is known about the model in a folder, without its weights.

    Raises:
        CheckpointError: as :func:`load_model`.
    """
    path = folder / CARD
    try:
        card = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{path.parent} is no model folder: it has no {CARD}") from None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"cannot read {path}: {error}") from None
    if not isinstance(card, dict) or card.get("kind") != KIND:
        found = card.get("kind") if isinstance(card, dict) else type(card).__name__
        raise CheckpointError(f"{path} describes a model of kind '{found}', wanted '{KIND}'")
    if card.get("format") not in _READ:
        raise CheckpointError(f"{path} has format {card.get('format')}, this version reads "
                              f"{' and '.join(map(str, _READ))}")  # fmt: skip
    wanted = {task: list(classes) for task, classes in TASK_CLASSES.items()}
    if card.get("labels") != wanted:
        raise CheckpointError(f"{path} was made for the labels {card.get('labels')}, "
                              f"this version has {wanted}")  # fmt: skip
    fields = {name: card[name] for name in ModelRecord.__dataclass_fields__ if name in card}
    try:
        fields["preprocess"] = PreprocessSpec.from_dict(fields["preprocess"])
        fields["attributes"] = tuple(fields.get("attributes", ()))
        fields["calibration"] = Calibration(**fields["calibration"])
        fields["metrics"] = {name: math.nan if value is None else value
                             for name, value in fields.get("metrics", {}).items()}  # fmt: skip
        return ModelRecord(**fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from None
