"""A model of either kind over labelled photos: which photos, and what it says about them."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from iae.config import SCORED_TASKS, ExperimentConfig, LossConfig, from_mapping, load_experiment
from iae.data.records import ImageRecord, Split
from iae.data.sources import check_roots, read_given
from iae.errors import CheckpointError, DataError, ImageError
from iae.images.preprocess import Pixels, PreprocessSpec, load_pixels
from iae.metrics import Calibration

Probabilities = NDArray[np.floating]
Predictor = Callable[[Pixels], tuple[Probabilities, Probabilities]]
"""(N, H, W, 3) uint8 -> level_probs (N, 4), emotion_probs (N, 8)."""

Progress = Callable[[int, int], None]
"""Called with (photos done, photos in all)."""

_BATCH = 64


@dataclass(frozen=True)
class Model:
    """A model of either kind, as evaluation needs it."""

    predict: Predictor
    preprocess: PreprocessSpec
    calibration: Calibration
    experiment: Mapping[str, Any]
    """Settings it was trained with; they say how to read its data sets and how they were split."""
    description: str

    @property
    def tasks(self) -> tuple[str, ...]:
        """What it was trained for; about the other one its outputs are constants."""
        trained = from_mapping(LossConfig, self.experiment.get("loss", {})).tasks()
        return tuple(task for task in SCORED_TASKS if task in trained)


@dataclass(frozen=True)
class Predictions:
    """What a model says about readable records, row by row."""

    records: list[ImageRecord]
    level_probs: Probabilities
    emotion_probs: Probabilities
    unreadable: list[tuple[ImageRecord, str]]
    """Records that are left out, each with its reason."""
    tasks: tuple[str, ...] = SCORED_TASKS
    """What the model was trained for; rows about anything else are constants, no predictions."""


def open_model(path: Path) -> Model:
    """Open an exported ``.onnx`` model, or the folder of a checkpoint (which needs torch).

    Raises:
        CheckpointError: it is neither.
    """
    if path.suffix == ".onnx":
        return _open_exported(path)
    if not os.path.exists(path):  # noqa: PTH110  # Path.exists raises where nobody may look
        raise CheckpointError(f"there is no model {path}; wanted an .onnx file of 'iae export' "
                              "or a model folder of 'iae train'")  # fmt: skip
    return _open_checkpoint(path)


def _open_exported(path: Path) -> Model:
    from iae.scoring.session import ModelSession

    session = ModelSession(path)

    def predict(pixels: Pixels) -> tuple[Probabilities, Probabilities]:
        prediction = session.predict(pixels)
        return prediction.level_probs, prediction.emotion_probs

    info = session.info
    return Model(predict, info.preprocess, info.calibration, info.experiment,
                 f"{path.name} ({info.precision}, ONNX Runtime)")  # fmt: skip


def _open_checkpoint(path: Path) -> Model:
    import torch

    from iae.nn.joint import ScoringNet
    from iae.train.checkpoint import load_model

    net, record = load_model(path)
    scoring = ScoringNet(net, emotion_temperature=record.calibration.emotion_temperature).eval()
    scoring = scoring.to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def predict(pixels: Pixels) -> tuple[Probabilities, Probabilities]:
        levels, emotions, _ = scoring(torch.from_numpy(pixels))
        return levels.numpy(), emotions.numpy()

    return Model(predict, record.preprocess, record.calibration, record.experiment,
                 f"{path} ({record.backbone}, torch)")  # fmt: skip


def select_records(
    model: Model,
    roots: Mapping[str, Path],
    split: Split | Literal["all"],
    experiment: Path | None = None,
) -> list[ImageRecord]:
    """The labelled photos to evaluate on, read and split as the model's own training did.

    Args:
        model: its settings say how tables are read and split, unless ``experiment`` does.
        roots: folders by source name; sources without one are left out.
        split: the part to take.
        experiment: another experiment file, for other data.

    Raises:
        DataError: a source is unknown, or nothing is left.
    """
    settings = (
        load_experiment(experiment)
        if experiment
        else from_mapping(ExperimentConfig, model.experiment)
    )
    check_roots(settings.sources, roots)
    if not roots:
        raise DataError(f"no data given; add --data NAME=PATH for one or more of "
                        f"{', '.join(settings.sources)}")  # fmt: skip
    records = read_given(settings.sources, roots, settings.split)
    chosen = [record for record in records if split in ("all", record.split)]
    if not chosen:
        raise DataError(f"the {split} split of {', '.join(roots)} is empty")
    trained = model.tasks
    return chosen if trained == SCORED_TASKS else _labelled_for(trained, chosen)


def _labelled_for(tasks: Collection[str], records: Sequence[ImageRecord]) -> list[ImageRecord]:
    """Records with labels of these tasks only; the model says nothing about others.

    Raises:
        DataError: no record has one.
    """
    if "aesthetic" not in tasks:
        nothing: dict[str, Any] = dict.fromkeys(
            ("aesthetic_mean", "aesthetic_high", "score_counts", "level_shares")
        )
        kept = [replace(r, **nothing) for r in records if r.emotion or r.emotion_votes]
    else:
        kept = [replace(r, emotion=None, emotion_votes=None) for r in records
                if r.aesthetic_mean is not None or r.level_shares is not None]  # fmt: skip
    if not kept:
        raise DataError(f"the model was trained for {', '.join(tasks)} only, and no photo that was "
                        "chosen has such a label; choose other data")  # fmt: skip
    return kept


def predict_records(
    model: Model,
    records: Sequence[ImageRecord],
    *,
    workers: int = 2,
    progress: Progress = lambda done, total: None,
) -> Predictions:
    """Decode and predict; an unreadable photo is left out and named, the rest goes on.

    Raises:
        DataError: not one photo could be read.
    """

    def decode(record: ImageRecord) -> Pixels | ImageError:
        try:
            return load_pixels(record.path, model.preprocess)
        except ImageError as error:
            return error

    kept: list[ImageRecord] = []
    levels: list[Probabilities] = []
    emotions: list[Probabilities] = []
    unreadable: list[tuple[ImageRecord, str]] = []
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(records), _BATCH):
            batch = records[start : start + _BATCH]
            decoded = list(pool.map(decode, batch))
            readable = [pixels for pixels in decoded if not isinstance(pixels, ImageError)]
            for record, pixels in zip(batch, decoded, strict=True):
                if isinstance(pixels, ImageError):
                    unreadable.append((record, str(pixels)))
                else:
                    kept.append(record)
            if readable:
                level_probs, emotion_probs = model.predict(np.stack(readable))
                levels.append(level_probs)
                emotions.append(emotion_probs)
            progress(start + len(batch), len(records))
    if not kept:
        first, reason = unreadable[0]
        raise DataError(f"none of {len(records)} photos could be read, e.g. {first.path}: {reason}")
    return Predictions(
        kept, np.concatenate(levels), np.concatenate(emotions), unreadable, model.tasks
    )
