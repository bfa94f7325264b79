"""One training run: records → caches → probe → fine-tuning → refitted head → models on disk."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import lightning
import numpy as np
import torch

from iae.config import BalanceConfig, ExperimentConfig
from iae.errors import CheckpointError, ConfigError
from iae.nn.balance.build import build_balance
from iae.nn.balance.method import Balance
from iae.nn.branches import BranchedNet
from iae.nn.network import Network
from iae.train.calibration import fit_calibration
from iae.train.checkpoint import load_model, save_model
from iae.train.dataset import Photos, make_loader
from iae.train.features import extract_features
from iae.train.figures import validation_figures
from iae.train.initial import initial_network, preprocess_spec
from iae.train.keep import RESUME, KeepModels, prepare_folder
from iae.train.module import JointTraining
from iae.train.prepare import Prepared, Report, prepare
from iae.train.probe import probe_heads
from iae.train.processes import Progress, run_in_processes
from iae.train.refit import predict_from_features, refit_emotion_head
from iae.train.share import Share
from iae.train.trainer import build_trainer, silence_lightning
from iae.train.trunk import cached_trunk

Device = Literal["auto", "cpu", "cuda"]


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
    device: Device = "auto",
    devices: int = 1,
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
        resume: go on from the end of the last finished epoch in ``out``, with as many devices as
            there are now.
        device: ``auto`` takes a GPU where there is one.
        devices: processes that train together, each with its share of every batch: each on a GPU
            of its own, or side by side on the cores. The result is that of one process, up to
            rounding and to what dropout draws.
        report: called with lines worth telling.
        progress: called while photos are decoded and while heads are probed and refitted.
        show_bar: show Lightning's progress bar.

    Raises:
        IaeError: settings, data or checkpoint are wrong.
    """
    _check_devices(device, devices)
    prepare_folder(out, config, resume)
    work = partial(
        _train_share, config, dict(roots), out, cache, resume=resume, device=device,
        show_bar=show_bar,
    )  # fmt: skip
    if devices == 1:
        return work(share=Share(), report=report, progress=progress)
    on_gpus = device != "cpu" and torch.cuda.is_available()
    work = partial(work, device="cuda" if on_gpus else "cpu")
    result: TrainResult = run_in_processes(
        work, devices, on_gpus=on_gpus, report=report, progress=progress
    )
    return result


def _check_devices(device: Device, devices: int) -> None:
    """Whether there are as many.

    Raises:
        ConfigError: there are not.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("there is no CUDA device here; use --device cpu or auto")
    if devices < 1:
        raise ConfigError(f"devices must be at least 1, got {devices}")
    if devices > 1 and not torch.distributed.is_available():
        raise ConfigError("this build of torch cannot connect processes; use --devices 1")
    if device != "cpu" and torch.cuda.is_available() and devices > torch.cuda.device_count():
        raise ConfigError(f"{devices} devices are asked for, and there are "
                          f"{torch.cuda.device_count()} here; use as many, or --device cpu for "
                          "processes without a GPU")  # fmt: skip


def _train_share(
    config: ExperimentConfig,
    roots: Mapping[str, Path],
    out: Path,
    cache: Path,
    *,
    resume: bool,
    device: Device,
    show_bar: bool,
    share: Share,
    report: Report,
    progress: Progress,
) -> TrainResult:
    """What one process does; all but the first only take part in the steps and validations."""
    spec = preprocess_spec(config)
    with share.after_the_first():
        prepared = prepare(
            config, roots, spec, cache, report=report, progress=partial(progress, "decoding")
        )
    settings = prepared.config.train
    _check_that_all_can_validate(prepared, share)
    lightning.seed_everything(settings.seed, verbose=False)
    net = initial_network(prepared.config, spec)
    keeper = KeepModels(out, prepared.config, prepared.data)
    trainer = build_trainer(settings, out, keeper, device, show_bar, share)
    at = trainer.strategy.root_device
    with share.after_the_first():
        photos = _photos(net, prepared, cache, at, progress)
    if not resume:
        if share.is_first:
            probe_heads(
                net, make_loader(photos["train"], 64, seed=None), prepared.config.loss,
                epochs=settings.probe_epochs, variance=prepared.variance, seed=settings.seed,
                device=at, progress=partial(progress, "probing"),
            )  # fmt: skip
        share.take_over(net.to(at))
    net.freeze_stages(settings.freeze_stages)
    loader = make_loader(photos["train"], settings.batch_size, seed=settings.seed, share=share)
    module = JointTraining(
        net, prepared.config.loss, settings, variance=prepared.variance,
        balance=_balance(prepared.config, len(loader)), share=share,
    )  # fmt: skip
    _fit(trainer, module, loader, photos["val"], out, resume)
    metrics: Mapping[str, float] = keeper.best
    if share.is_first:
        metrics = _refit_best(out / "best", photos, prepared.config, at, progress) or keeper.best
    return TrainResult(out / "best", out / "last", metrics)


def _check_that_all_can_validate(prepared: Prepared, share: Share) -> None:
    count = len(prepared.places["val"])
    if count < share.count:
        raise ConfigError(f"{share.count} devices share {count} photos of the val split; use no "
                          f"more than {count}")  # fmt: skip


def _photos(
    net: Network, prepared: Prepared, folder: Path, device: torch.device, progress: Progress
) -> dict[str, Photos]:
    """Photos of train and val; with the output of the trunk in place of pixels, if so set."""
    photos: dict[str, Photos] = dict(prepared.photos)
    if prepared.config.train.cache_trunk:
        assert isinstance(net, BranchedNet)  # the settings saw to it that it has a trunk
        # Of all photos, also where not all are used: experiments on some of them share the file.
        photos = {
            split: cached_trunk(
                net, chosen, folder, mirrored=split == "train" and prepared.config.train.flip,
                device=device, progress=partial(progress, f"trunk of {split} photos"),
            )
            for split, chosen in prepared.photos.items()
        }  # fmt: skip
    return {split: chosen.only(prepared.places[split]) for split, chosen in photos.items()}


def _balance(config: ExperimentConfig, steps_per_epoch: int) -> Balance:
    chosen: BalanceConfig = config.balance
    return build_balance(
        chosen.method, list(config.loss.tasks()), learning_rate=chosen.learning_rate,
        temperature=chosen.temperature, alpha=chosen.alpha,
        period=chosen.period or steps_per_epoch, seed=config.train.seed,
    )  # fmt: skip


def _fit(
    trainer: lightning.Trainer,
    module: JointTraining,
    loader: torch.utils.data.DataLoader[dict[str, torch.Tensor]],
    val: Photos,
    out: Path,
    resume: bool,
) -> None:
    with warnings.catch_warnings():
        silence_lightning()
        try:
            trainer.fit(
                module, loader, make_loader(val, 128, seed=None, share=module.share),
                ckpt_path=out / RESUME if resume else None, weights_only=True,
            )  # fmt: skip
        except SystemExit:  # Lightning's way out after Ctrl-C
            again = "go on with" if (out / RESUME).exists() else "begin again without"
            raise CheckpointError(f"stopped before the end; {again} --resume -o {out}") from None


def _refit_best(
    best: Path,
    photos: Mapping[str, Photos],
    config: ExperimentConfig,
    device: torch.device,
    progress: Progress,
) -> dict[str, float]:
    """Fit the emotion head of the best model again; if that is better, save it; its new figures.

    Doing it twice changes nothing: the fit starts from zero, on features that stay the same.
    Without strengths to choose from or photos with a label, and where the head was better as it
    was trained, nothing is changed and there are none.
    """
    strengths = config.train.refit_emotion_l2 if "emotion" in config.loss.tasks() else ()
    labelled = {split: _with_one_emotion(chosen) for split, chosen in photos.items()}
    if not (strengths and all(len(chosen) for chosen in labelled.values())):
        return {}
    net, record = load_model(best)
    net = net.to(memory_format=torch.channels_last)
    train, val = (
        extract_features(net, make_loader(chosen, 64, seed=None), device, partial(progress, what))
        for chosen, what in ((labelled["train"], "refitting"), (photos["val"], "validating"))
    )
    strength = refit_emotion_head(net.cpu(), train, val, strengths)
    outputs = predict_from_features(net, val)
    metrics = {
        **validation_figures(outputs, config.loss.tasks()),
        "epoch": record.metrics["epoch"],
        "refit_emotion_l2": strength,
    }
    if metrics["score"] < record.metrics["score"]:  # the features know the training photos too well
        return {}
    save_model(best, net, replace(record, calibration=fit_calibration(outputs), metrics=metrics))
    return metrics


def _with_one_emotion(photos: Photos) -> Photos:
    """Those with one labelled emotion."""
    return photos.only(np.flatnonzero(photos.emotion_labels() >= 0))
