"""A trained pair network on disk: ``model.safetensors`` and ``model.json``, of a kind of its own.

The joint networks have the same two files; by ``kind`` each is refused where the other is wanted.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from iae.config import from_mapping
from iae.config.pairs import PairModelConfig
from iae.errors import CheckpointError, ConfigError, OutputError
from iae.files import written_whole
from iae.images.preprocess import PreprocessSpec
from iae.metrics.json_ready import json_ready
from iae.nn.backbone import build_backbone
from iae.nn.pair import PairNet
from iae.train.checkpoint import CARD, WEIGHTS
from iae.train.pairs.kind import KIND

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class PairRecord:
    """What is known about a pair network beside its weights."""

    preprocess: PreprocessSpec
    experiment: Mapping[str, Any] = field(default_factory=dict)
    """The settings of the run; ``experiment["model"]`` says what the network is."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Pairs, series and photos used, by split."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Validation figures of this very state."""
    licence: str = ""
    """What may be done with the weights."""
    version: str = ""
    """Of iae that trained it."""

    @property
    def model(self) -> PairModelConfig:
        """What the network is. Raises ``ConfigError``."""
        return from_mapping(PairModelConfig, self.experiment.get("model", {}))


def save_pair_model(folder: Path, net: PairNet, record: PairRecord) -> None:
    """Write a model folder; its files appear under their names only when both are complete.

    Raises:
        OutputError: the folder cannot be written; what was there stays.
    """
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in net.state_dict().items()}
    card = {"kind": KIND, "format": FORMAT, **asdict(record)}
    with written_whole(folder / WEIGHTS) as weights, written_whole(folder / CARD) as text:
        try:
            save_file(state, weights)
        except SafetensorError as error:  # its name for what the system says of a full disk
            raise OutputError(f"cannot write {folder / WEIGHTS}: {error}") from None
        said = json.dumps(json_ready(card), indent=1, sort_keys=True, allow_nan=False)
        text.write_text(said + "\n", "utf-8")


def load_pair_model(folder: Path) -> tuple[PairNet, PairRecord]:
    """Read a model folder. The network is in eval mode.

    Raises:
        CheckpointError: a file is missing or damaged, or is a model of another kind.
    """
    record = load_pair_card(folder)
    try:
        net = PairNet(build_backbone(record.model.backbone), record.preprocess, record.model)
        net.load_state_dict(load_file(folder / WEIGHTS))
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"cannot read {folder / WEIGHTS}: {error}") from None
    except (RuntimeError, ValueError, ConfigError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{folder} does not hold the pair network that its {CARD} describes: "
                              f"{reason}") from None  # fmt: skip
    return net.eval(), record


def load_pair_card(folder: Path) -> PairRecord:
    """What is known about the model in a folder. Raises ``CheckpointError``."""
    path = folder / CARD
    try:
        card = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{folder} is no model folder: it has no {CARD}") from None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"cannot read {path}: {error}") from None
    kind = card.get("kind") if isinstance(card, dict) else type(card).__name__
    if kind != KIND:
        raise CheckpointError(f"{path} describes a model of kind '{kind}', wanted '{KIND}'")
    if card.get("format") != FORMAT:
        raise CheckpointError(
            f"{path} has format {card.get('format')}, this version reads {FORMAT}"
        )
    fields = {name: card[name] for name in PairRecord.__dataclass_fields__ if name in card}
    try:
        fields["preprocess"] = PreprocessSpec.from_dict(fields["preprocess"])
        return PairRecord(**fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from None
