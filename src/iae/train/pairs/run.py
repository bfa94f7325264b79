"""One training run of the pair task: pairs → decoded photos → epochs → models on disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import timm
import torch
from numpy.typing import NDArray

from iae._version import __version__
from iae.config import to_mapping
from iae.config.pairs import PairExperimentConfig, PairModelConfig
from iae.data.records import Split
from iae.errors import ConfigError, DataError
from iae.images.preprocess import PreprocessSpec
from iae.nn.backbone import build_backbone
from iae.nn.pair import PairNet, pair_logits, pair_loss
from iae.train.keep import RESUME
from iae.train.pairs.batches import epoch_order, in_pieces, make_batch, targets
from iae.train.pairs.checkpoint import PairRecord
from iae.train.pairs.keep import RunState, keep_models, load_state, prepare_folder
from iae.train.pairs.optimizer import build_optimizer, rate
from iae.train.pairs.predict import pair_figures, predict_utilities
from iae.train.pairs.shown import Progress, Report, Shown, pair_counts, show_pairs
from iae.train.pretrained import load_pretrained

_SPLITS: tuple[Split, ...] = ("train", "val")


@dataclass(frozen=True)
class PairResult:
    """Where the models are, and the validation figures of the best one."""

    best: Path
    last: Path
    metrics: Mapping[str, float]


def train_pairs(
    config: PairExperimentConfig,
    roots: Mapping[str, Path],
    out: Path,
    cache: Path,
    *,
    resume: bool = False,
    device: str = "auto",
    report: Report = lambda line: None,
    progress: Progress = lambda what, done, total: None,
) -> PairResult:
    """Train a network on pairs and leave it in ``out/best`` and ``out/last``.

    Args:
        config: the experiment.
        roots: folder of the data set, by the name that the experiment gives it.
        out: run folder; must hold no run, unless ``resume``.
        cache: folder of decoded photos, shared between runs.
        resume: go on from the end of the last finished epoch in ``out``.
        device: ``auto`` takes a GPU where there is one.
        report: called with lines worth telling.
        progress: called while photos are decoded and pairs learned.

    Raises:
        IaeError: settings, data or checkpoint are wrong.
    """
    at = _device(device)
    root = _root(config, roots)
    prepare_folder(out, config, resume)
    spec = preprocess_spec(config.model)
    shown = {split: show_pairs(root, split, spec, cache, report, progress) for split in _SPLITS}
    torch.manual_seed(config.train.seed)
    net = initial_pair_net(config.model, spec).to(at)
    net.freeze_stages(config.train.freeze_stages)
    state = RunState(net, build_optimizer(net, config.train))
    if resume:
        load_state(out / RESUME, state)
    record = PairRecord(
        preprocess=spec, experiment=to_mapping(config),
        data={config.pairs.source: {name: pair_counts(part.pairs) for name, part in shown.items()}},
        licence=config.licence, version=__version__,
    )  # fmt: skip
    for epoch in range(state.epoch, config.train.epochs):
        loss = _learn(state, shown["train"], config, epoch, progress)
        figures = pair_figures(predict_utilities(net, shown["val"].pixels), shown["val"].pairs)
        report(f"epoch {epoch + 1}: training loss {loss:.4f}, validation accuracy "
               f"{figures['accuracy']:.4f}, log-loss {figures['log_loss']:.4f}")  # fmt: skip
        keep_models(out, state, record, {**figures, "loss": loss, "epoch": epoch + 1.0})
    return PairResult(out / "best", out / "last", state.best)


def preprocess_spec(model: PairModelConfig) -> PreprocessSpec:
    """What the backbone's pretrained weights expect. Raises ``ConfigError``."""
    expected = timm.get_pretrained_cfg(model.backbone)
    if expected is None:
        raise ConfigError(f"timm has no model '{model.backbone}'; see timm.list_models()")
    return PreprocessSpec(
        size=model.input_size, interpolation="bicubic", aspect=model.aspect,
        mean=tuple(expected.mean), std=tuple(expected.std),
    )  # fmt: skip


def initial_pair_net(model: PairModelConfig, spec: PreprocessSpec) -> PairNet:
    """The network as a run begins; new layers are random, as torch's seed has it.

    Raises:
        ConfigError: timm has no such backbone, or it does not go with the head.
        CheckpointError: its pretrained weights cannot be had.
    """
    try:
        backbone = build_backbone(model.backbone)
        load_pretrained(backbone, model.backbone, model.pretrained)
        net = PairNet(backbone, spec, model)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    return net.to(memory_format=torch.channels_last)


def _device(device: str) -> torch.device:
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("there is no CUDA device here; use --device cpu or auto")
    on_gpu = device != "cpu" and torch.cuda.is_available()
    return torch.device("cuda" if on_gpu else "cpu")


def _root(config: PairExperimentConfig, roots: Mapping[str, Path]) -> Path:
    source = config.pairs.source
    unknown = [name for name in roots if name != source]
    if unknown:
        raise DataError(f"the experiment has no data set '{unknown[0]}'; it has '{source}'")
    if source not in roots:
        raise DataError(f"no folder given for {source}; add --data {source}=PATH")
    return roots[source]


def _learn(
    state: RunState, shown: Shown, config: PairExperimentConfig, epoch: int, progress: Progress
) -> float:
    """One epoch; the mean loss. All its randomness depends on the seed and the epoch only."""
    settings = config.train
    target = targets(shown.pairs.share, config.pairs.target)
    chosen: NDArray[np.intp] = np.flatnonzero(~np.isnan(target))
    if not len(chosen):
        raise DataError("all training pairs are ties, so there is no majority to learn; "
                        "use pairs.target = 'shares'")  # fmt: skip
    order = epoch_order(shown.pairs, chosen, [settings.seed, epoch],
                        whole_series=settings.batches == "series")  # fmt: skip
    batches = list(in_pieces(order, settings.batch_size))
    factor = rate(settings, len(batches))
    rates = [group["initial_lr"] for group in _with_initial_rates(state.optimizer)]
    mirror = np.random.default_rng([settings.seed, epoch, 1]) if settings.flip else None
    torch.manual_seed(settings.seed * 100_003 + epoch)  # of what dropout draws
    state.net.train()
    total = 0.0
    for step, places in enumerate(batches):
        for group, lr in zip(state.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr * factor(epoch * len(batches) + step)
        batch = make_batch(shown.pairs, shown.pixels, target, places, mirror)
        device = state.net.scale.device
        utilities = state.net(batch.pixels.to(device))
        logits = pair_logits(utilities, batch.first.to(device), batch.second.to(device))
        loss = pair_loss(logits, batch.share.to(device))
        if not torch.isfinite(loss):
            raise ConfigError(f"training diverged in step {step + 1} of epoch {epoch + 1}; "
                              "use a smaller train.lr")  # fmt: skip
        state.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if settings.gradient_clip:
            torch.nn.utils.clip_grad_norm_(state.net.parameters(), settings.gradient_clip)
        state.optimizer.step()
        total += float(loss.detach()) * len(places)
        progress(f"epoch {epoch + 1}", step + 1, len(batches))
    state.epoch = epoch + 1
    return total / len(order)


def _with_initial_rates(optimizer: torch.optim.Optimizer) -> list[dict[str, float]]:
    """The groups, each with the rate it began with (a saved state has it already)."""
    for group in optimizer.param_groups:
        group.setdefault("initial_lr", group["lr"])
    return optimizer.param_groups
