"""The worst mistakes of each head: which photos they are, and a sheet of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from iae.evaluate.emotion import emotion_labels
from iae.evaluate.model import Predictions
from iae.labels import EMOTIONS
from iae.metrics import level_mean

SHOWN = 24
"""Mistakes of each head; half of the score's are too high, half too low."""


@dataclass(frozen=True, kw_only=True)
class WrongScore:
    """A photo whose predicted mean lies far from the rated one."""

    source: str
    path: str
    rated: float
    predicted: float


@dataclass(frozen=True, kw_only=True)
class WrongEmotion:
    """A photo with an emotion that is not the labelled one, said with confidence."""

    source: str
    path: str
    labelled: str
    predicted: str
    share: float
    """Predicted probability of the wrong emotion."""
    labelled_share: float
    """Predicted probability of the labelled one."""


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """The worst mistakes of each head, worst first."""

    too_high: list[WrongScore] = field(default_factory=list)
    too_low: list[WrongScore] = field(default_factory=list)
    emotion: list[WrongEmotion] = field(default_factory=list)


def worst_mistakes(predictions: Predictions, *, shown: int = SHOWN) -> Mistakes:
    """The ``shown`` worst mistakes of each head over all data sets.

    Of the score: half where it lies furthest above the rated mean, half furthest below. Of the
    emotion: the wrong ones with the largest probability. Fewer where there are fewer mistakes.
    """
    return Mistakes(
        too_high=_wrong_scores(predictions, shown // 2, 1),
        too_low=_wrong_scores(predictions, shown // 2, -1),
        emotion=_wrong_emotions(predictions, shown),
    )


def _wrong_scores(predictions: Predictions, count: int, sign: int) -> list[WrongScore]:
    rated = np.array([np.nan if r.aesthetic_mean is None else r.aesthetic_mean
                      for r in predictions.records])  # fmt: skip
    predicted = level_mean(predictions.level_probs)
    error = sign * (predicted - rated)
    worst = np.argsort(-error, kind="stable")[:count].tolist()  # NaN comes last
    return [
        WrongScore(
            source=predictions.records[i].source,
            path=str(predictions.records[i].path),
            rated=float(rated[i]),
            predicted=float(predicted[i]),
        )
        for i in worst
        if error[i] > 0
    ]


def _wrong_emotions(predictions: Predictions, count: int) -> list[WrongEmotion]:
    labels, probs = emotion_labels(predictions.records), predictions.emotion_probs
    predicted = probs.argmax(axis=1)
    wrong = np.flatnonzero((labels >= 0) & (predicted != labels))
    worst = wrong[np.argsort(-probs[wrong].max(axis=1), kind="stable")][:count].tolist()
    return [
        WrongEmotion(
            source=predictions.records[i].source,
            path=str(predictions.records[i].path),
            labelled=EMOTIONS[labels[i]],
            predicted=EMOTIONS[predicted[i]],
            share=float(probs[i, predicted[i]]),
            labelled_share=float(probs[i, labels[i]]),
        )
        for i in worst
    ]


def score_captions(mistakes: Sequence[WrongScore]) -> list[tuple[Path, str]]:
    """Each photo with the two numbers that stand below it."""
    return [(Path(m.path), f"rated {m.rated:.1f} → {m.predicted:.1f}") for m in mistakes]


def emotion_captions(mistakes: Sequence[WrongEmotion]) -> list[tuple[Path, str]]:
    """Each photo with the two emotions and the share that stand below it."""
    return [(Path(m.path), f"{m.labelled} →\n{m.predicted} {m.share:.0%}") for m in mistakes]
