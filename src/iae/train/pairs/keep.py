"""What a run of the pair task leaves: models after each epoch, and the state it resumes from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from iae.config import to_mapping
from iae.config.pairs import PairExperimentConfig
from iae.errors import CheckpointError, ConfigError
from iae.files import written_whole
from iae.nn.pair import PairNet
from iae.train.keep import RESUME, SETTINGS
from iae.train.pairs.checkpoint import PairRecord, save_pair_model


@dataclass
class RunState:
    """What changes from epoch to epoch."""

    net: PairNet
    optimizer: torch.optim.Optimizer
    epoch: int = 0
    """Epochs that are finished."""
    best: dict[str, float] = field(default_factory=dict)
    """Figures of the best model so far; empty before the first validation."""


def keep_models(out: Path, state: RunState, record: PairRecord, figures: dict[str, float]) -> None:
    """Save the model as last, as best if it is, and the state to resume from."""
    said = replace(record, metrics=figures)
    save_pair_model(out / "last", state.net, said)
    if not state.best or _merit(figures) > _merit(state.best):
        state.best = dict(figures)
        save_pair_model(out / "best", state.net, said)
    content = {"net": state.net.state_dict(), "optimizer": state.optimizer.state_dict(),
               "epoch": state.epoch, "best": state.best}  # fmt: skip
    with written_whole(out / RESUME) as part:
        torch.save(content, part)


def _merit(figures: Mapping[str, float]) -> tuple[float, float]:
    """What the best model is chosen by: accuracy, and among equals the log-loss."""
    return float(np.nan_to_num(figures["accuracy"])), -figures["log_loss"]


def load_state(path: Path, state: RunState) -> None:
    """Take up what an interrupted run left. Raises ``CheckpointError``."""
    try:
        content = torch.load(path, map_location=state.net.scale.device, weights_only=True)
        state.net.load_state_dict(content["net"])
        state.optimizer.load_state_dict(content["optimizer"])
        state.epoch, state.best = content["epoch"], content["best"]
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"cannot resume from {path}: {reason}") from None


def prepare_folder(out: Path, config: PairExperimentConfig, resume: bool) -> None:
    """Make the run folder, or check that the one to resume has the same settings.

    Raises:
        ConfigError: it was begun with others, or is not to be resumed and holds a run.
        CheckpointError: there is nothing to resume.
    """
    settings = out / SETTINGS
    text = json.dumps(to_mapping(config), indent=1, sort_keys=True) + "\n"
    if resume:
        if not (out / RESUME).is_file():
            raise CheckpointError(f"nothing to resume in {out}: it has no {RESUME}")
        if not settings.is_file() or settings.read_text("utf-8") != text:
            raise ConfigError(f"{out} was begun with other settings (see {settings}); "
                              "resume with those, or start a new run with another -o")  # fmt: skip
        return
    if (out / RESUME).exists():
        raise ConfigError(f"{out} already holds a run; add --resume to go on with it, "
                          "or choose another folder with -o")  # fmt: skip
    with written_whole(settings) as part:
        part.write_text(text, "utf-8")
