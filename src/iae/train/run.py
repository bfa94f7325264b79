"""One training run: records → cache → probe → fine-tuning → refitted head → models on disk."""

import json
import logging
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import lightning
import numpy as np
import timm
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint, RichProgressBar
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.plugins.io import TorchCheckpointIO
from numpy.typing import NDArray

from iae._version import __version__
from iae.config import ExperimentConfig, to_mapping
from iae.data.records import SPLITS, ImageRecord
from iae.data.sources import load_sources
from iae.errors import CheckpointError, ConfigError, DataError
from iae.files import written_whole
from iae.images.preprocess import PreprocessSpec
from iae.nn.backbone import build_backbone, freeze_stages
from iae.nn.joint import JointNet
from iae.train.cache import build_cache
from iae.train.calibration import fit_calibration
from iae.train.checkpoint import ModelRecord, load_model, save_model
from iae.train.dataset import CachedPhotos, make_loader
from iae.train.features import extract_features
from iae.train.module import JointTraining, validation_figures
from iae.train.pretrained import load_pretrained
from iae.train.probe import probe_heads
from iae.train.refit import predict_from_features, refit_emotion_head
from iae.train.targets import build_targets

RESUME = "resume.ckpt"
SETTINGS = "experiment.json"

Report = Callable[[str], None]
Progress = Callable[[str, int, int], None]
"""Called with (what is being done, done, total)."""


@dataclass(frozen=True)
class TrainResult:
    """Where the models are, and the validation figures of the best one."""

    best: Path
    last: Path
    metrics: Mapping[str, float]


def train(
    config: ExperimentConfig,
    roots: Mapping[str, Path],
    out: Path,
    cache: Path,
    *,
    resume: bool = False,
    device: Literal["auto", "cpu", "cuda"] = "auto",
    report: Report = lambda line: None,
    progress: Progress = lambda what, done, total: None,
    show_bar: bool = False,
) -> TrainResult:
    """Train a joint model and leave it in ``out/best`` and ``out/last``.

    Args:
        config: the experiment.
        roots: folder of each data set, by source name.
        out: run folder; must be new, unless ``resume``.
        cache: folder of decoded photos, shared between runs.
        resume: go on from the end of the last finished epoch in ``out``.
        device: ``auto`` takes a GPU where there is one.
        report: called with lines worth telling.
        progress: called while photos are decoded and while heads are probed and refitted.
        show_bar: show Lightning's progress bar.

    Raises:
        IaeError: settings, data or checkpoint are wrong.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("there is no CUDA device here; use --device cpu or auto")
    _prepare_folder(out, config, resume)
    records = _readable_sources(config, roots, report)
    spec = _preprocess_spec(config)
    decoded = build_cache(
        [record.path for record in records], spec, cache,
        progress=lambda done, total: progress("decoding", done, total),
    )  # fmt: skip
    for row, reason in list(decoded.unreadable.items())[:10]:
        report(f"left out: {records[row].path}: {reason}")
    if len(decoded.unreadable) > 10:
        report(f"left out: {len(decoded.unreadable) - 10} more unreadable photos")

    rows = _rows_by_split(records, set(decoded.unreadable))
    data = _describe(records, rows)
    for source, counts in data.items():
        report(f"{source}: " + ", ".join(f"{count} {split}" for split, count in counts.items()))
    targets = build_targets(records, config.loss)
    variance = _variance(targets.mean[rows["train"]])
    train_photos = CachedPhotos(decoded, targets, rows["train"])
    val_photos = CachedPhotos(decoded, targets, rows["val"])

    lightning.seed_everything(config.train.seed, verbose=False)
    net = _build_net(config, spec)
    keeper = KeepModels(out, config, data)
    trainer = _trainer(config, out, keeper, device, show_bar)
    if not resume:
        probe_heads(
            net, make_loader(train_photos, 64, seed=None), config.loss,
            epochs=config.train.probe_epochs, variance=variance, seed=config.train.seed,
            device=trainer.strategy.root_device,
            progress=lambda done, total: progress("probing", done, total),
        )  # fmt: skip
    freeze_stages(net.backbone, config.train.freeze_stages)
    module = JointTraining(net, config.loss, config.train, variance=variance)
    with warnings.catch_warnings():
        _silence_lightning()
        try:
            trainer.fit(
                module,
                make_loader(train_photos, config.train.batch_size, seed=config.train.seed),
                make_loader(val_photos, 128, seed=None),
                ckpt_path=out / RESUME if resume else None,
                weights_only=True,
            )
        except SystemExit:  # Lightning's way out after Ctrl-C
            again = "go on with" if (out / RESUME).exists() else "begin again without"
            raise CheckpointError(f"stopped before the end; {again} --resume -o {out}") from None
    labelled = {split: rows[split][targets.emotion_label[rows[split]] >= 0] for split in rows}
    can_refit = len(labelled["train"]) and len(labelled["val"])
    if not (config.train.refit_emotion_l2 and can_refit):
        return TrainResult(out / "best", out / "last", keeper.best)
    metrics = _refit_best(
        out / "best", CachedPhotos(decoded, targets, labelled["train"]), val_photos,
        config.train.refit_emotion_l2, trainer.strategy.root_device, progress,
    )  # fmt: skip
    return TrainResult(out / "best", out / "last", metrics)


def _refit_best(
    best: Path,
    labelled: CachedPhotos,
    val_photos: CachedPhotos,
    candidates: Sequence[float],
    device: torch.device,
    progress: Progress,
) -> dict[str, float]:
    """Fit the emotion head of the best model again and save it in its place; its new figures.

    Doing it twice changes nothing: the fit starts from zero, on features that stay the same.
    """
    net, record = load_model(best)
    net = net.to(memory_format=torch.channels_last)
    train, val = (
        extract_features(net, make_loader(photos, 64, seed=None), device, partial(progress, what))
        for photos, what in ((labelled, "refitting"), (val_photos, "validating"))
    )
    strength = refit_emotion_head(net.cpu(), train, val, candidates)
    outputs = predict_from_features(net, val)
    metrics = {
        **validation_figures(outputs),
        "epoch": record.metrics["epoch"],
        "refit_emotion_l2": strength,
    }
    save_model(best, net, replace(record, calibration=fit_calibration(outputs), metrics=metrics))
    return metrics


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
        figures = validation_figures(outputs)
        record = ModelRecord(
            backbone=self.config.model.backbone,
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


def _prepare_folder(out: Path, config: ExperimentConfig, resume: bool) -> None:
    """Make the run folder, or check that the one to resume has the same settings."""
    settings, text = out / SETTINGS, json.dumps(to_mapping(config), indent=1, sort_keys=True)
    if resume:
        if not (out / RESUME).is_file():
            raise CheckpointError(f"nothing to resume in {out}: it has no {RESUME}")
        if json.loads(settings.read_text("utf-8")) != json.loads(text):
            raise ConfigError(f"{out} was begun with other settings (see {settings}); "
                              "resume with those, or start a new run with another -o")  # fmt: skip
        return
    if (out / RESUME).exists():
        raise ConfigError(f"{out} already holds a run; add --resume to go on with it, "
                          "or choose another folder with -o")  # fmt: skip
    with written_whole(settings) as part:
        part.write_text(text + "\n", "utf-8")


def _readable_sources(
    config: ExperimentConfig, roots: Mapping[str, Path], report: Report
) -> list[ImageRecord]:
    loaded = load_sources(config.sources, roots, config.split)
    for name in loaded.left_out:
        report(f"notice: going without {name} (optional); figures will differ from the documented")
    return loaded.records


def _preprocess_spec(config: ExperimentConfig) -> PreprocessSpec:
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


def _build_net(config: ExperimentConfig, spec: PreprocessSpec) -> JointNet:
    try:
        backbone = build_backbone(config.model.backbone)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    load_pretrained(backbone, config.model.backbone, config.model.pretrained)
    # Twice as fast as the default layout for these convolutions on the CPUs measured.
    backbone = backbone.to(memory_format=torch.channels_last)
    return JointNet(backbone, spec, dropout=config.model.dropout)


def _rows_by_split(records: list[ImageRecord], unreadable: set[int]) -> dict[str, NDArray[np.intp]]:
    rows: dict[str, NDArray[np.intp]] = {
        split: np.array([i for i, record in enumerate(records)
                         if record.split == split and i not in unreadable], np.intp)
        for split in SPLITS
    }  # fmt: skip
    for split in ("train", "val"):
        if not len(rows[split]):
            raise DataError(f"no readable photo is left in the {split} split of {len(records)}; "
                            "more photos are needed")  # fmt: skip
    return rows


def _describe(
    records: list[ImageRecord], rows: Mapping[str, NDArray[np.intp]]
) -> dict[str, dict[str, int]]:
    """Photos used of each source, by split."""
    counts = {split: Counter(records[i].source for i in rows[split]) for split in SPLITS}
    names = dict.fromkeys(record.source for record in records)
    return {name: {split: counts[split][name] for split in SPLITS} for name in names}


def _variance(mean: NDArray[np.float32]) -> float:
    """Of the known scores; 1 where they do not differ or there are none."""
    known = mean[~np.isnan(mean)]
    return float(known.var()) or 1.0 if known.size else 1.0


def _trainer(
    config: ExperimentConfig,
    out: Path,
    keeper: "KeepModels",
    device: str,
    show_bar: bool,
) -> lightning.Trainer:
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # it advertises
    resume_state = ModelCheckpoint(
        out, filename=RESUME.removesuffix(".ckpt"), enable_version_counter=False,
        save_top_k=1, every_n_epochs=1, save_on_train_epoch_end=True,
    )  # fmt: skip
    keep: list[Callback] = [keeper, resume_state]
    return lightning.Trainer(
        accelerator=device,
        devices=1,
        max_epochs=config.train.epochs,
        precision=config.train.precision,
        gradient_clip_val=config.train.gradient_clip or None,
        callbacks=[*keep, RichProgressBar()] if show_bar else keep,
        plugins=[WholeCheckpoints()],
        enable_progress_bar=show_bar,
        enable_model_summary=False,
        logger=TensorBoardLogger(out, name="tensorboard", version=""),
        log_every_n_steps=20,
        num_sanity_val_steps=0,
    )


def _silence_lightning() -> None:
    """Hints of Lightning about loader workers (none are needed here) would hide our own lines."""
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists and is not empty.*")
    warnings.filterwarnings("ignore", message=".*number of training batches.*")
    warnings.filterwarnings("ignore", message=".*eval mode at the start.*")  # the normalisation
    warnings.filterwarnings("ignore", message=".*LeafSpec.* is deprecated.*")  # its use of torch
