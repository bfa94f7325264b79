"""What the network should say about each record, as arrays; a missing label is NaN or weight 0."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from iae.config import LossConfig
from iae.data.records import ImageRecord
from iae.labels import EMOTIONS, LEVELS

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Targets:
    """Labels of N records, row by row."""

    mean: Floats
    """(N,) mean score in [1, 10]; NaN where unknown."""
    shares: Floats
    """(N, 4) level shares; NaN where unknown."""
    emotion: Floats
    """(N, 8) wanted emotion probabilities; 0 where unknown or not offered."""
    emotion_offered: NDArray[np.bool_]
    """(N, 8) whether raters could choose the emotion; all true where no emotion is known."""
    emotion_weight: Floats
    """(N,) how much the emotion counts; 0 where unknown."""
    emotion_label: NDArray[np.int64]
    """(N,) the one labelled emotion, by its place in ``EMOTIONS``; -1 where there is none."""
    attributes: Floats
    """(N, A) mean ratings of other questions in [1, 10]; NaN where unknown."""

    def rows(self, indices: NDArray[np.intp] | slice) -> dict[str, NDArray[np.generic]]:
        """Some rows, by field name."""
        return {entry.name: getattr(self, entry.name)[indices] for entry in fields(self)}


def build_targets(
    records: Sequence[ImageRecord], loss: LossConfig, attributes: Sequence[str] = ()
) -> Targets:
    """Targets for training.

    One label becomes a smoothed one-hot row, weighted by how rare it is in the training split, as
    ``class_balance`` says. Votes become their shares over the offered emotions, weighted by the
    share of voters who were not neutral (a photo that leaves most people cold says little about
    which emotion it is) and by ``vote_weight``; at 0 they are as unknown. ``attributes`` names the
    other questions, in the order of the columns.
    """
    count = len(records)
    mean = np.full(count, np.nan, np.float32)
    shares = np.full((count, len(LEVELS)), np.nan, np.float32)
    emotion = np.zeros((count, len(EMOTIONS)), np.float32)
    offered = np.ones((count, len(EMOTIONS)), np.bool_)
    weight = np.zeros(count, np.float32)
    label = np.full(count, -1, np.int64)
    learned_from = [record for record in records if record.split in (None, "train")]
    class_weight = _class_weights(learned_from, loss.class_balance)
    for i, record in enumerate(records):
        if record.aesthetic_mean is not None:
            mean[i] = record.aesthetic_mean
        if record.level_shares is not None:
            shares[i] = record.level_shares
        if record.emotion is not None:
            emotion[i] = loss.label_smoothing / len(EMOTIONS)
            emotion[i, EMOTIONS.index(record.emotion)] += 1 - loss.label_smoothing
            label[i] = EMOTIONS.index(record.emotion)
            weight[i] = class_weight.get(record.emotion, 1.0)
        elif loss.vote_weight and any((record.emotion_votes or {}).values()):
            given = record.emotion_votes or {}
            votes = np.array([given.get(name, 0.0) for name in EMOTIONS])
            emotion[i] = votes / votes.sum()
            offered[i] = [name in given for name in EMOTIONS]
            weight[i] = loss.vote_weight * votes.sum() / (votes.sum() + record.neutral_votes)
    asked = [[record.attributes.get(name, np.nan) for name in attributes] for record in records]
    others = np.array(asked, np.float32).reshape(count, len(attributes))
    return Targets(mean, shares, emotion, offered, weight, label, others)


def _class_weights(records: Sequence[ImageRecord], power: float) -> dict[str, float]:
    """(mean count / count) ^ power per labelled emotion, scaled so that the mean photo has 1."""
    counts = Counter(record.emotion for record in records if record.emotion is not None)
    if not counts:
        return {}
    raw = {name: (1 / counts[name]) ** power for name in counts}
    scale = counts.total() / sum(raw[name] * counts[name] for name in counts)
    return {name: raw[name] * scale for name in counts}
