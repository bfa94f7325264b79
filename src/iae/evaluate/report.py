"""Predictions and labels become figures with intervals, baselines beside them. Opens no file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from iae.data.published import IAE_BARS, IAE_HIGH, IAE_TOTAL
from iae.data.records import ImageRecord
from iae.evaluate.model import Predictions
from iae.labels import EMOTIONS, HIGH_THRESHOLD, POSITIVE_EMOTIONS
from iae.metrics import (
    Calibration,
    Interval,
    accuracy,
    bootstrap,
    confusion_matrix,
    emd,
    expected_calibration_error,
    f1_per_class,
    level_mean,
    level_std,
    macro_f1,
    plcc,
    srcc,
)


@dataclass(frozen=True, kw_only=True)
class SourceReport:
    """Figures on one data set. A task without labels there has no figures."""

    photos: int
    unreadable: dict[str, str]
    figures: dict[str, Interval] = field(default_factory=dict)
    """Name -> value and 95 % bootstrap interval (groups are drawn whole)."""
    baselines: dict[str, float] = field(default_factory=dict)
    """Name of a figure -> what a model without eyes would get."""
    emotions: dict[str, dict[str, float]] = field(default_factory=dict)
    """Emotion -> photos, precision, recall, F1; share predicted high, at two cuts."""
    confusion: list[list[int]] = field(default_factory=list)
    """Rows: labelled emotion, columns: predicted."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole evaluation."""

    model: str
    split: str
    sources: dict[str, SourceReport]


def evaluate_predictions(
    predictions: Predictions, *, calibration: Calibration, resamples: int = 1000
) -> dict[str, SourceReport]:
    """Figures of each data set, by its name."""
    reports = {}
    everything = [*predictions.records, *(record for record, _ in predictions.unreadable)]
    for source in dict.fromkeys(record.source for record in everything):
        rows = np.array(
            [i for i, r in enumerate(predictions.records) if r.source == source], np.intp
        )
        records = [predictions.records[i] for i in rows]
        reports[source] = _report(
            records,
            predictions.level_probs[rows].astype(np.float64),
            predictions.emotion_probs[rows].astype(np.float64),
            {str(r.path): why for r, why in predictions.unreadable if r.source == source},
            calibration,
            resamples,
        )
    return reports


def _report(
    records: list[ImageRecord],
    level_probs: NDArray[np.float64],
    emotion_probs: NDArray[np.float64],
    unreadable: dict[str, str],
    calibration: Calibration,
    resamples: int,
) -> SourceReport:
    figures: dict[str, Interval] = {}
    baselines: dict[str, float] = {}
    emotions: dict[str, dict[str, float]] = {}
    confusion: list[list[int]] = []

    rated = np.array([r.aesthetic_mean is not None for r in records])
    if rated.sum() > 1:
        _add_aesthetic(figures, baselines, _pick(records, rated), level_probs[rated], calibration,
                       resamples)  # fmt: skip
    shared = np.array([r.level_shares is not None for r in records])
    if shared.sum() > 1:
        _add_shares(figures, baselines, _pick(records, shared), level_probs[shared], calibration,
                    resamples)  # fmt: skip
    labelled = np.array([r.emotion is not None for r in records])
    if labelled.any():
        chosen = _pick(records, labelled)
        labels = np.array([EMOTIONS.index(r.emotion or "") for r in chosen])
        matrix = _add_emotion(figures, baselines, chosen, labels, emotion_probs[labelled],
                              resamples)  # fmt: skip
        confusion = matrix.tolist()
        emotions = _per_emotion(matrix, labels, level_mean(level_probs[labelled]))
    return SourceReport(photos=len(records), unreadable=unreadable, figures=figures,
                        baselines=baselines, emotions=emotions, confusion=confusion)  # fmt: skip


def _pick(records: list[ImageRecord], mask: NDArray[np.bool_]) -> list[ImageRecord]:
    return [record for record, wanted in zip(records, mask, strict=True) if wanted]


def _intervals(
    records: list[ImageRecord],
    figures: Mapping[str, Callable[[NDArray[np.intp]], float]],
    resamples: int,
) -> dict[str, Interval]:
    names = [record.group or record.name for record in records]
    groups = np.unique(names, return_inverse=True)[1]
    return {
        name: bootstrap(figure, len(records), groups=groups, resamples=resamples)
        for name, figure in figures.items()
    }


def _add_aesthetic(
    figures: dict[str, Interval],
    baselines: dict[str, float],
    records: list[ImageRecord],
    level_probs: NDArray[np.float64],
    calibration: Calibration,
    resamples: int,
) -> None:
    rating = np.array([record.aesthetic_mean for record in records], np.float64)
    score = level_mean(level_probs)
    is_high, said_high = rating >= HIGH_THRESHOLD, score >= HIGH_THRESHOLD
    high_prob = calibration.high_prob(level_probs)
    figures |= _intervals(
        records,
        {
            "srcc": lambda i: srcc(score[i], rating[i]),
            "plcc": lambda i: plcc(score[i], rating[i]),
            "mae": lambda i: float(np.abs(score[i] - rating[i]).mean()),
            "high_low_accuracy": lambda i: accuracy(said_high[i], is_high[i]),
            "high_prob_ece": lambda i: expected_calibration_error(high_prob[i], is_high[i]),
        },
        resamples,
    )
    share_high = is_high.mean()
    baselines |= {
        "srcc": 0.0,
        "plcc": 0.0,
        "mae": float(np.abs(rating - np.median(rating)).mean()),
        "high_low_accuracy": float(max(share_high, 1 - share_high)),
    }


def _add_shares(
    figures: dict[str, Interval],
    baselines: dict[str, float],
    records: list[ImageRecord],
    level_probs: NDArray[np.float64],
    calibration: Calibration,
    resamples: int,
) -> None:
    """How well the distribution was learned; baselines: the mean distribution of these photos."""
    truth = np.array([record.level_shares for record in records], np.float64)
    spread, true_spread = calibration.spread(level_probs), level_std(truth)
    distance = emd(level_probs, truth)
    figures |= _intervals(
        records,
        {
            "emd": lambda i: float(distance[i].mean()),
            "std_mae": lambda i: float(np.abs(spread[i] - true_spread[i]).mean()),
            "std_srcc": lambda i: srcc(spread[i], true_spread[i]),
        },
        resamples,
    )
    baselines |= {
        "emd": float(emd(truth.mean(axis=0)[None], truth).mean()),
        "std_mae": float(np.abs(true_spread - np.median(true_spread)).mean()),
        "std_srcc": 0.0,
    }


def _add_emotion(
    figures: dict[str, Interval],
    baselines: dict[str, float],
    records: list[ImageRecord],
    labels: NDArray[np.intp],
    emotion_probs: NDArray[np.float64],
    resamples: int,
) -> NDArray[np.int64]:
    predicted, confidence = emotion_probs.argmax(axis=1), emotion_probs.max(axis=1)
    positives = len(POSITIVE_EMOTIONS)
    positive_prob = emotion_probs[:, :positives].sum(axis=1)
    is_positive, said_positive = labels < positives, positive_prob >= 0.5
    figures |= _intervals(
        records,
        {
            "emotion_accuracy": lambda i: accuracy(predicted[i], labels[i]),
            "emotion_macro_f1": lambda i: macro_f1(predicted[i], labels[i], len(EMOTIONS)),
            "emotion_ece": lambda i: expected_calibration_error(
                confidence[i], predicted[i] == labels[i]
            ),
            "polarity_accuracy": lambda i: accuracy(said_positive[i], is_positive[i]),
        },
        resamples,
    )
    counts = np.bincount(labels, minlength=len(EMOTIONS))
    majority = np.full_like(labels, counts.argmax())
    share_positive = is_positive.mean()
    baselines |= {
        "emotion_accuracy": float(counts.max() / counts.sum()),
        "emotion_macro_f1": macro_f1(majority, labels, len(EMOTIONS)),
        "polarity_accuracy": float(max(share_positive, 1 - share_positive)),
    }
    return confusion_matrix(predicted, labels, len(EMOTIONS))


def _per_emotion(
    matrix: NDArray[np.int64], labels: NDArray[np.intp], score: NDArray[np.float64]
) -> dict[str, dict[str, float]]:
    """One row an emotion; high shares at the threshold 5 and at the published overall share."""
    published_cut = np.quantile(score, 1 - IAE_HIGH / IAE_TOTAL)
    f1 = f1_per_class(matrix)
    rows = {}
    for k, emotion in enumerate(EMOTIONS):
        of_label, mine = matrix[k].sum(), labels == k
        said = matrix[:, k].sum()
        rows[emotion] = {
            "photos": float(of_label),
            "precision": float(matrix[k, k] / said) if said else float("nan"),
            "recall": float(matrix[k, k] / of_label) if of_label else float("nan"),
            "f1": float(f1[k]),
            "high_at_5": float((score[mine] >= HIGH_THRESHOLD).mean()) if of_label else np.nan,
            "high_at_published_cut": float((score[mine] >= published_cut).mean())
            if of_label
            else np.nan,
            "published_high": IAE_BARS[emotion][0] / sum(IAE_BARS[emotion]),
        }
    return rows


def published_bars_correlation(emotions: Mapping[str, Mapping[str, float]], column: str) -> float:
    """Pearson r between predicted and published shares of high photos over the emotions."""
    rows = [row for row in emotions.values() if row["photos"]]
    if len(rows) < 2:
        return float("nan")
    return plcc([row[column] for row in rows], [row["published_high"] for row in rows])
