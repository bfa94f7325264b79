"""What a run leaves: models after each validation, and the state that it resumes from."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.plugins.io import TorchCheckpointIO

from iae._version import __version__
from iae.config import ExperimentConfig, from_mapping, to_mapping
from iae.errors import CheckpointError, ConfigError
from iae.files import written_whole
from iae.train.calibration import fit_calibration
from iae.train.checkpoint import ModelRecord, network_settings, save_model
from iae.train.figures import validation_figures
from iae.train.module import JointTraining

RESUME = "resume.ckpt"
SETTINGS = "experiment.json"


def prepare_folder(out: Path, config: ExperimentConfig, resume: bool) -> None:
    """Make the run folder, or check that the one to resume has the same settings.

    Raises:
        ConfigError: it was begun with others, or is not to be resumed and holds a run.
        CheckpointError: there is nothing to resume.
    """
    settings, text = out / SETTINGS, json.dumps(to_mapping(config), indent=1, sort_keys=True)
    if resume:
        if not (out / RESUME).is_file():
            raise CheckpointError(f"nothing to resume in {out}: it has no {RESUME}")
        # As settings and not as text: a later version has settings that an earlier did not know.
        if from_mapping(ExperimentConfig, json.loads(settings.read_text("utf-8"))) != config:
            raise ConfigError(f"{out} was begun with other settings (see {settings}); "
                              "resume with those, or start a new run with another -o")  # fmt: skip
        return
    if (out / RESUME).exists():
        raise ConfigError(f"{out} already holds a run; add --resume to go on with it, "
                          "or choose another folder with -o")  # fmt: skip
    with written_whole(settings) as part:
        part.write_text(text + "\n", "utf-8")


class KeepModels(Callback):
    """After each validation: save the model as ``last``, and as ``best`` if it scores highest."""

    def __init__(self, out: Path, config: ExperimentConfig, data: Mapping[str, Any]) -> None:
        """Save below ``out``; ``config`` and ``data`` go into the model's record."""
        self.out, self.config, self.data = out, config, data
        self.best: dict[str, float] = {}

    def state_dict(self) -> dict[str, Any]:
        """The best figures so far, kept for a resumed run, and what it was trained on."""
        return {"best": self.best, "data": self.data}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the best figures of the interrupted run.

        Raises:
            ConfigError: it was trained on other photos.
        """
        if state_dict.get("data", self.data) != self.data:
            raise ConfigError(f"{self.out} was begun with other data ({state_dict['data']}); "
                              f"resume with the same, this is {self.data}")  # fmt: skip
        self.best = state_dict["best"]

    def on_validation_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Save the network that was just validated, calibrated on the same photos."""
        if trainer.sanity_checking or not isinstance(pl_module, JointTraining):
            return
        outputs = pl_module.validation
        figures = validation_figures(outputs, pl_module.tasks)
        record = ModelRecord(
            backbone=self.config.model.backbone,
            network=network_settings(self.config.model),
            attributes=self.config.attributes,
            preprocess=pl_module.kept_net.spec,
            calibration=fit_calibration(outputs),
            experiment=to_mapping(self.config),
            data=self.data,
            metrics={**figures, "epoch": float(trainer.current_epoch + 1)},
            licence=self.config.licence,
            version=__version__,
        )
        save_model(self.out / "last", pl_module.kept_net, record)
        if not self.best or figures["score"] > self.best["score"]:
            self.best = dict(record.metrics)
            save_model(self.out / "best", pl_module.kept_net, record)


class WholeCheckpoints(TorchCheckpointIO):
    """Writes the state that runs resume from beside its place, then renames it.

    Lightning's own way is by the system's temporary folder; from there to another disk it copies,
    and a run killed while it does has nothing left to resume.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write one checkpoint."""
        with written_whole(Path(path)) as part:
            super().save_checkpoint(checkpoint, part, storage_options)
