"""Predictions and labels become figures with intervals, baselines beside them. Opens no file."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from iae.config import SCORED_TASKS
from iae.data.records import ImageRecord
from iae.evaluate.aesthetic import add_score_figures, add_share_figures
from iae.evaluate.compare import Comparison
from iae.evaluate.emotion import add_emotion_figures, emotion_labels, per_emotion, per_polarity
from iae.evaluate.figures import Figures
from iae.evaluate.model import Predictions
from iae.evaluate.worst import Mistakes
from iae.labels import EMOTIONS
from iae.metrics import Calibration, Interval, confusion_matrix, level_mean


@dataclass(frozen=True, kw_only=True)
class SourceReport:
    """Figures on one data set. A task without labels there has no figures."""

    photos: int
    unreadable: dict[str, str]
    figures: dict[str, Interval] = field(default_factory=dict)
    """Name -> value and 95 % bootstrap interval (groups are drawn whole)."""
    baselines: dict[str, float] = field(default_factory=dict)
    """Name of a figure -> what a model without eyes would get; for a calibration error, what a
    perfectly calibrated model would show on as many photos."""
    emotions: dict[str, dict[str, float]] = field(default_factory=dict)
    """Emotion -> photos, precision, recall, F1; share predicted high, at two cuts."""
    polarities: dict[str, dict[str, Interval]] = field(default_factory=dict)
    """Positive and negative -> precision, recall, F1, calibration error."""
    confusion: list[list[int]] = field(default_factory=list)
    """Rows: labelled emotion, columns: predicted."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole evaluation."""

    model: str
    split: str
    sources: dict[str, SourceReport]
    worst: Mistakes = field(default_factory=Mistakes)
    """The worst mistakes of each head, over all data sets."""
    not_trained: tuple[str, ...] = ()
    """Tasks that the model says nothing about."""
    against: Comparison | None = None
    """Another model on the same photos."""


def evaluate_predictions(
    predictions: Predictions, *, calibration: Calibration, resamples: int = 1000
) -> dict[str, SourceReport]:
    """Figures of each data set, by its name, of the tasks that the model was trained for."""
    reports = {}
    everything = [*predictions.records, *(record for record, _ in predictions.unreadable)]
    for source in dict.fromkeys(record.source for record in everything):
        rows = np.array(
            [i for i, r in enumerate(predictions.records) if r.source == source], np.intp
        )
        reports[source] = _report(
            [predictions.records[i] for i in rows],
            predictions.level_probs[rows].astype(np.float64),
            predictions.emotion_probs[rows].astype(np.float64),
            {str(r.path): why for r, why in predictions.unreadable if r.source == source},
            calibration,
            resamples,
            predictions.tasks,
        )
    return reports


def not_trained(predictions: Predictions) -> tuple[str, ...]:
    """Tasks that the model says nothing about."""
    return tuple(task for task in SCORED_TASKS if task not in predictions.tasks)


def _report(
    records: list[ImageRecord],
    level_probs: NDArray[np.float64],
    emotion_probs: NDArray[np.float64],
    unreadable: dict[str, str],
    calibration: Calibration,
    resamples: int,
    tasks: Collection[str],
) -> SourceReport:
    found = Figures()
    says_scores = "aesthetic" in tasks
    rated = [i for i, r in enumerate(records) if says_scores and r.aesthetic_mean is not None]
    if len(rated) > 1:
        add_score_figures(found, _pick(records, rated), level_probs[rated], calibration, resamples)
    shared = [i for i, r in enumerate(records) if says_scores and r.level_shares is not None]
    if len(shared) > 1:
        add_share_figures(found, _pick(records, shared), level_probs[shared], calibration,
                          resamples)  # fmt: skip
    labelled = [i for i, r in enumerate(records) if "emotion" in tasks and r.emotion is not None]
    if not labelled:
        return SourceReport(photos=len(records), unreadable=unreadable, figures=found.values,
                            baselines=found.baselines)  # fmt: skip
    chosen, probs = _pick(records, labelled), emotion_probs[labelled]
    add_emotion_figures(found, chosen, probs, resamples)
    labels = emotion_labels(chosen)
    matrix = confusion_matrix(probs.argmax(axis=1), labels, len(EMOTIONS))
    score = level_mean(level_probs[labelled]) if says_scores else None
    return SourceReport(
        photos=len(records),
        unreadable=unreadable,
        figures=found.values,
        baselines=found.baselines,
        emotions=per_emotion(matrix, labels, score),
        polarities=per_polarity(chosen, probs, resamples),
        confusion=matrix.tolist(),
    )


def _pick(records: Sequence[ImageRecord], rows: Sequence[int]) -> list[ImageRecord]:
    return [records[i] for i in rows]
