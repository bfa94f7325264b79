"""A trained model on disk: ``model.safetensors`` and ``model.json`` in one folder.

Neither file can carry code. The JSON says what the numbers are: backbone, preprocessing, label
names, calibration, the settings and data they were trained with, and the licence of that data.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from iae.errors import CheckpointError
from iae.files import written_whole
from iae.images.preprocess import PreprocessSpec
from iae.metrics import Calibration
from iae.nn.backbone import build_backbone
from iae.nn.joint import TASK_CLASSES, JointNet

KIND = "iae.joint"
FORMAT = 1
WEIGHTS, CARD = "model.safetensors", "model.json"


@dataclass(frozen=True, kw_only=True)
class ModelRecord:
    """What is known about a trained model beside its weights."""

    backbone: str
    """timm name."""
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


def save_model(folder: Path, net: JointNet, record: ModelRecord) -> None:
    """Write a model folder; each file appears under its name only when it is complete."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in net.state_dict().items()}
    card = {
        "kind": KIND,
        "format": FORMAT,
        "labels": {task: list(classes) for task, classes in TASK_CLASSES.items()},
        **asdict(record),
    }
    with written_whole(folder / WEIGHTS) as part:
        save_file(state, part)
    with written_whole(folder / CARD) as part:
        part.write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", "utf-8")


def load_model(path: Path) -> tuple[JointNet, ModelRecord]:
    """Read a model folder (or the ``.safetensors`` file in one). The network is in eval mode.

    Raises:
        CheckpointError: a file is missing or damaged, or is a model of another kind or for other
            labels.
    """
    folder = path.parent if path.suffix == ".safetensors" else path
    record = _read_card(folder / CARD)
    try:
        state = load_file(folder / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"cannot read {folder / WEIGHTS}: {error}") from None
    try:
        net = JointNet(build_backbone(record.backbone), record.preprocess)
        net.load_state_dict(state)
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{folder} does not hold a {record.backbone}: {reason}") from None
    return net.eval(), record


def _read_card(path: Path) -> ModelRecord:
    try:
        card = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{path.parent} is no model folder: it has no {CARD}") from None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"cannot read {path}: {error}") from None
    if not isinstance(card, dict) or card.get("kind") != KIND:
        found = card.get("kind") if isinstance(card, dict) else type(card).__name__
        raise CheckpointError(f"{path} describes a model of kind '{found}', wanted '{KIND}'")
    if card.get("format") != FORMAT:
        raise CheckpointError(f"{path} has format {card.get('format')}, this version reads "
                              f"{FORMAT}")  # fmt: skip
    wanted = {task: list(classes) for task, classes in TASK_CLASSES.items()}
    if card.get("labels") != wanted:
        raise CheckpointError(f"{path} was made for the labels {card.get('labels')}, "
                              f"this version has {wanted}")  # fmt: skip
    fields = {name: card[name] for name in ModelRecord.__dataclass_fields__ if name in card}
    try:
        fields["preprocess"] = PreprocessSpec.from_dict(fields["preprocess"])
        fields["calibration"] = Calibration(**fields["calibration"])
        return ModelRecord(**fields)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from None
