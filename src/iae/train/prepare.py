"""What is trained on: records, their decoded photos, targets, and the tasks they can teach."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from iae.config import SCORED_TASKS, TASK_PARTS, ExperimentConfig, LossConfig
from iae.data.records import SPLITS, ImageRecord
from iae.data.sources import load_sources
from iae.errors import DataError
from iae.images.preprocess import PreprocessSpec
from iae.train.cache import PixelCache, build_cache
from iae.train.dataset import CachedPhotos
from iae.train.targets import Targets, build_targets

Report = Callable[[str], None]
Rows = dict[str, NDArray[np.intp]]
"""Numbers of rows, by split."""


@dataclass(frozen=True)
class Prepared:
    """Everything of the data that training needs."""

    config: ExperimentConfig
    """The experiment, in which tasks that the data cannot teach have weight 0."""
    photos: dict[str, CachedPhotos]
    """All readable photos of ``train`` and ``val``."""
    places: Rows
    """Which of them have a label of a task that is trained; the others are of no use."""
    data: dict[str, dict[str, int]]
    """Photos used of each source, by split."""
    variance: float
    """Of the known scores in training."""


def prepare(
    config: ExperimentConfig,
    roots: Mapping[str, Path],
    spec: PreprocessSpec,
    cache: Path,
    *,
    report: Report,
    progress: Callable[[int, int], None],
) -> Prepared:
    """Read the sources, decode their photos into ``cache``, and see what can be learned of them.

    Raises:
        IaeError: a source is missing or wrong, no photo is left, or none has a label.
    """
    records = _readable_sources(config, roots, report)
    decoded = build_cache([record.path for record in records], spec, cache, progress=progress)
    _report_unreadable(records, decoded, report)
    rows = _rows_by_split(records, set(decoded.unreadable))
    targets = build_targets(records, config.loss, config.attributes)
    trained = _trained_losses(config.loss, targets, rows["train"], report)
    places = _places_with_labels(rows, targets, trained)
    data = _describe(records, {split: rows[split][places[split]] for split in rows})
    for source, counts in data.items():
        report(f"{source}: " + ", ".join(f"{count} {split}" for split, count in counts.items()))
    return Prepared(
        config=replace(config, loss=trained),
        photos={split: CachedPhotos(decoded, targets, rows[split]) for split in ("train", "val")},
        places=places,
        data=data,
        variance=_variance(targets.mean[rows["train"]]),
    )


def _readable_sources(
    config: ExperimentConfig, roots: Mapping[str, Path], report: Report
) -> list[ImageRecord]:
    loaded = load_sources(config.sources, roots, config.split)
    for name in loaded.left_out:
        report(f"notice: going without {name} (optional); figures will differ from the documented")
    return loaded.records


def _report_unreadable(records: list[ImageRecord], decoded: PixelCache, report: Report) -> None:
    for row, reason in list(decoded.unreadable.items())[:10]:
        report(f"left out: {records[row].path}: {reason}")
    if len(decoded.unreadable) > 10:
        report(f"left out: {len(decoded.unreadable) - 10} more unreadable photos")


def _rows_by_split(records: list[ImageRecord], unreadable: set[int]) -> Rows:
    rows: Rows = {
        split: np.array([i for i, record in enumerate(records)
                         if record.split == split and i not in unreadable], np.intp)
        for split in SPLITS
    }  # fmt: skip
    for split in ("train", "val"):
        if not len(rows[split]):
            raise DataError(f"no readable photo is left in the {split} split of {len(records)}; "
                            "more photos are needed")  # fmt: skip
    return rows


def _trained_losses(
    loss: LossConfig, targets: Targets, rows: NDArray[np.intp], report: Report
) -> LossConfig:
    """The losses, without those of a task that no training photo has a label of.

    Raises:
        DataError: that is every task.
    """
    taught = [task for task in loss.tasks() if _labelled(targets, task)[rows].any()]
    if not taught:
        raise DataError(f"no training photo has a label of {' or '.join(loss.tasks())}; "
                        "name the columns of labels in [sources.NAME]")  # fmt: skip
    left_out = [task for task in loss.tasks() if task not in taught]
    for task in left_out:
        report(f"notice: no training photo has a label of {task}; it is left out, and the model "
               "will say nothing about it")  # fmt: skip
    return replace(loss, **{part: 0.0 for task in left_out for part in TASK_PARTS[task]})


def _places_with_labels(rows: Rows, targets: Targets, loss: LossConfig) -> Rows:
    """Places among the rows of each split that have a label of a task that is trained.

    With aesthetics and emotion these are all: a photo without any label does no harm, and has
    always counted.

    Raises:
        DataError: validation has none.
    """
    tasks = loss.tasks()
    if set(SCORED_TASKS) <= set(tasks):
        return {split: np.arange(len(numbers)) for split, numbers in rows.items()}
    wanted = np.any([_labelled(targets, task) for task in tasks], axis=0)
    places = {split: np.flatnonzero(wanted[numbers]) for split, numbers in rows.items()}
    if not len(places["val"]):
        raise DataError(f"no photo of the val split has a label of {', '.join(tasks)}; "
                        "more photos are needed")  # fmt: skip
    return places


def _labelled(targets: Targets, task: str) -> NDArray[np.bool_]:
    """(N,) which photos say something about a task."""
    if task == "emotion":
        return np.asarray(targets.emotion_weight > 0)
    if task == "attributes":
        return np.asarray(~np.isnan(targets.attributes).all(axis=1))
    return ~np.isnan(targets.mean) | ~np.isnan(targets.shares).any(axis=1)


def _describe(records: list[ImageRecord], rows: Rows) -> dict[str, dict[str, int]]:
    """Photos used of each source, by split."""
    counts = {split: Counter(records[i].source for i in rows[split]) for split in SPLITS}
    names = dict.fromkeys(record.source for record in records)
    return {name: {split: counts[split][name] for split in SPLITS} for name in names}


def _variance(mean: NDArray[np.float32]) -> float:
    """Of the known scores; 1 where they do not differ or there are none."""
    known = mean[~np.isnan(mean)]
    return float(known.var()) or 1.0 if known.size else 1.0
