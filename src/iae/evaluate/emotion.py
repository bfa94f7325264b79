"""Figures of the emotion head: together, of each emotion, and of both polarities."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from iae.data.published import IAE_BARS, IAE_HIGH, IAE_TOTAL
from iae.data.records import ImageRecord
from iae.evaluate.figures import Figure, Figures, calibration_error, group_numbers, intervals
from iae.labels import EMOTIONS, HIGH_THRESHOLD, POSITIVE_EMOTIONS
from iae.metrics import Interval, accuracy, f1_per_class, macro_f1, plcc

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]


def emotion_labels(records: Sequence[ImageRecord]) -> Labels:
    """(N,) number of each photo's labelled emotion; -1 where it has none."""
    return np.array([-1 if r.emotion is None else EMOTIONS.index(r.emotion) for r in records],
                    np.intp)  # fmt: skip


def add_emotion_figures(
    found: Figures, records: Sequence[ImageRecord], emotion_probs: Floats, resamples: int
) -> None:
    """How well emotions are predicted; N photos that are labelled, (N, 8)."""
    labels, groups = emotion_labels(records), group_numbers(records)
    predicted = emotion_probs.argmax(axis=1)
    is_positive, positive_prob = labels < len(POSITIVE_EMOTIONS), _positive(emotion_probs)
    said_positive = positive_prob >= 0.5
    found.values |= intervals(
        groups,
        {
            "emotion_accuracy": lambda i: accuracy(predicted[i], labels[i]),
            "emotion_macro_f1": lambda i: macro_f1(predicted[i], labels[i], len(EMOTIONS)),
            "polarity_accuracy": lambda i: accuracy(said_positive[i], is_positive[i]),
        },
        resamples,
    )
    found.values["emotion_ece"], found.baselines["emotion_ece"] = calibration_error(
        groups, emotion_probs.max(axis=1), predicted == labels, resamples
    )
    counts = np.bincount(labels, minlength=len(EMOTIONS))
    majority = np.full_like(labels, counts.argmax())
    share_positive = is_positive.mean()
    found.baselines |= {
        "emotion_accuracy": float(counts.max() / counts.sum()),
        "emotion_macro_f1": macro_f1(majority, labels, len(EMOTIONS)),
        "polarity_accuracy": float(max(share_positive, 1 - share_positive)),
    }


def per_emotion(
    matrix: NDArray[np.int64], labels: Labels, score: Floats | None
) -> dict[str, dict[str, float]]:
    """One row an emotion; high shares at the threshold 5 and at the published overall share.

    Without scores there are no high shares, and none to hold them against.

    Args:
        matrix: (8, 8) of :func:`iae.metrics.confusion_matrix`.
        labels: (N,) numbers of emotions.
        score: (N,) predicted means of the same photos; None of a model that predicts none.
    """
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
        }
        if score is not None:
            rows[emotion] |= _high_shares(score, mine, emotion)
    return rows


def _high_shares(score: Floats, mine: NDArray[np.bool_], emotion: str) -> dict[str, float]:
    """Share of one emotion's photos that are predicted high, at two cuts; and the published one."""
    published_cut = np.quantile(score, 1 - IAE_HIGH / IAE_TOTAL)
    cuts = {"high_at_5": HIGH_THRESHOLD, "high_at_published_cut": published_cut}
    shares = {name: float((score[mine] >= cut).mean()) if mine.any() else float("nan")
              for name, cut in cuts.items()}  # fmt: skip
    return {**shares, "published_high": IAE_BARS[emotion][0] / sum(IAE_BARS[emotion])}


def per_polarity(
    records: Sequence[ImageRecord], emotion_probs: Floats, resamples: int
) -> dict[str, dict[str, Interval]]:
    """Precision, recall, F1 and calibration error of positive and of negative, with intervals.

    A photo is called positive when its four positive emotions have half of the probability or
    more. The calibration error of a polarity is that of its probability on the photos that were
    called so.
    """
    positive_prob = _positive(emotion_probs)
    is_positive = emotion_labels(records) < len(POSITIVE_EMOTIONS)
    said_positive = positive_prob >= 0.5
    groups = group_numbers(records)
    return {
        "positive": _polarity(groups, is_positive, said_positive, positive_prob, resamples),
        "negative": _polarity(groups, ~is_positive, ~said_positive, 1 - positive_prob, resamples),
    }


def _polarity(
    groups: Labels,
    truth: NDArray[np.bool_],
    said: NDArray[np.bool_],
    prob: Floats,
    resamples: int,
) -> dict[str, Interval]:
    error, _ = calibration_error(groups[said], prob[said], truth[said], resamples)
    return {**intervals(groups, _hits(truth, said), resamples), "ece": error}


def _hits(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> dict[str, Figure]:
    """Precision, recall and F1 of one class; NaN where it is not said, or there is none of it."""

    def share(i: NDArray[np.intp], of: NDArray[np.float64]) -> float:
        whole = of[i].sum()
        return float((truth & said)[i].sum() / whole) if whole else float("nan")

    return {
        "precision": lambda i: share(i, said.astype(np.float64)),
        "recall": lambda i: share(i, truth.astype(np.float64)),
        "f1": lambda i: share(i, (said.astype(np.float64) + truth) / 2),
    }


def _positive(emotion_probs: Floats) -> Floats:
    total: Floats = emotion_probs[:, : len(POSITIVE_EMOTIONS)].sum(axis=1)
    return total.clip(max=1)  # eight rounded shares may sum to a little more


def published_bars_correlation(emotions: Mapping[str, Mapping[str, float]], column: str) -> float:
    """Pearson r between predicted and published shares of high photos over the emotions."""
    rows = [row for row in emotions.values() if row["photos"]]
    if len(rows) < 2:
        return float("nan")
    return plcc([row[column] for row in rows], [row["published_high"] for row in rows])
