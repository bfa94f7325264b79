"""The worst mistakes are those one finds by sorting."""

from pathlib import Path

import numpy as np

from iae.data.records import ImageRecord
from iae.evaluate.model import Predictions
from iae.evaluate.worst import Mistakes, emotion_captions, score_captions, worst_mistakes
from iae.labels import EMOTIONS

RNG = np.random.default_rng(0)
LEVELS, MOODS = RNG.dirichlet(np.ones(4), 40), RNG.dirichlet(np.ones(8), 40)
SCORE, TOP = LEVELS @ [1, 4, 7, 10], MOODS.argmax(axis=1)


def given(**labels: object) -> Predictions:
    """Forty photos; labels by name -> a value for each."""
    records = [
        ImageRecord(path=Path(f"{i}.jpg"), name=f"{i}.jpg", source="s",
                    **{name: values[i] for name, values in labels.items()})  # type: ignore
        for i in range(40)
    ]  # fmt: skip
    return Predictions(records, LEVELS, MOODS, [])


def test_scores_are_ordered_by_how_far_they_lie_above_and_below():
    rated = RNG.uniform(1, 10, 40)
    found = worst_mistakes(given(aesthetic_mean=rated.tolist()), shown=10)
    order = np.argsort(SCORE - rated)
    assert [m.path for m in found.too_high] == [f"{i}.jpg" for i in order[::-1][:5]]
    assert [m.path for m in found.too_low] == [f"{i}.jpg" for i in order[:5]]
    assert found.too_low[0].rated == rated[order[0]]
    assert found.too_low[0].predicted == SCORE[order[0]]
    assert found.emotion == []


def test_wrong_emotions_are_ordered_by_their_share():
    labels = [EMOTIONS[top] if i % 2 else EMOTIONS[(top + 1) % 8] for i, top in enumerate(TOP)]
    found = worst_mistakes(given(emotion=labels), shown=5)
    order = sorted(range(0, 40, 2), key=lambda i: -MOODS[i].max())
    assert [m.path for m in found.emotion] == [f"{i}.jpg" for i in order[:5]]
    worst, first = found.emotion[0], order[0]
    assert (worst.labelled, worst.predicted) == (labels[first], EMOTIONS[TOP[first]])
    assert worst.share == MOODS[first].max()
    assert worst.labelled_share == MOODS[first, EMOTIONS.index(labels[first])]
    assert (found.too_high, found.too_low) == ([], [])


def test_what_is_right_is_no_mistake():
    right = given(aesthetic_mean=SCORE.tolist(), emotion=[EMOTIONS[top] for top in TOP])
    assert worst_mistakes(right) == Mistakes()


def test_below_a_photo_stands_what_is_true_and_what_was_said():
    rated = worst_mistakes(given(aesthetic_mean=[1.0] * 40)).too_high[0]
    assert score_captions([rated]) == [
        (Path(rated.path), f"rated 1.0 → {rated.predicted:.1f}")]  # fmt: skip
    felt = worst_mistakes(given(emotion=["awe"] * 40)).emotion[0]
    assert emotion_captions([felt]) == [
        (Path(felt.path), f"awe →\n{felt.predicted} {felt.share:.0%}")]  # fmt: skip
