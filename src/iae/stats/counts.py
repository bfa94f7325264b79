"""How many images there are of each emotion and quality."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iae.data.published import IAE_BAR_ERROR, IAE_BARS, IAE_HIGH, IAE_LOW, IAE_TOTAL
from iae.data.records import ImageRecord
from iae.labels import EMOTIONS

TIE, NO_VOTE, UNLABELLED = "tie", "no vote", "unlabelled"


def single_emotion(record: ImageRecord) -> str:
    """The one emotion of an image, or why it has none: ``TIE``, ``NO_VOTE`` or ``UNLABELLED``.

    The label where there is one, else the emotion with strictly more votes than each other.
    Votes for no emotion (neutral) are ignored, however many there are. Unlike
    ``ImageRecord.dominant_emotion`` a tie is not broken: breaking it by the order of the list
    would favour positive emotions, which come first.
    """
    if record.emotion is not None:
        return record.emotion
    if record.emotion_votes is None:
        return UNLABELLED
    most = max(record.emotion_votes.values(), default=0.0)
    if most <= 0:
        return NO_VOTE
    winners = [emotion for emotion, votes in record.emotion_votes.items() if votes == most]
    return winners[0] if len(winners) == 1 else TIE


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageLabels:
    """The labels of N images as arrays; made once, counted often."""

    score: NDArray[np.float64]
    """(N,) mean rating in [1, 10]; NaN where there is none."""
    quality: NDArray[np.intp]
    """(N,) 0 high, 1 low, -1 not known; by the mean where there is one, else by the label."""
    emotion: NDArray[np.intp]
    """(N,) index into ``EMOTIONS``; -1 for an image without a single emotion."""
    groups: NDArray[np.intp] | None
    """(N,) group numbers from 0; None when every image is a group of its own."""
    offered: tuple[str, ...]
    """Emotions that raters or the list could give; the others have no image by design."""
    by_votes: bool
    """Whether some emotion comes from votes."""
    mostly_neutral: NDArray[np.bool_]
    """(N,) whether neutral has more votes than the emotion; such an image keeps its emotion."""
    dropped: Mapping[str, int]
    """Images without a single emotion: ``TIE``, ``NO_VOTE``, ``UNLABELLED`` -> how many."""


def image_labels(records: Sequence[ImageRecord]) -> ImageLabels:
    """Take the labels out of the records, in their order."""
    number = {emotion: i for i, emotion in enumerate(EMOTIONS)}
    emotions = [single_emotion(record) for record in records]
    reasons = Counter(emotion for emotion in emotions if emotion not in number)
    high = [record.is_high for record in records]
    return ImageLabels(
        score=np.array([np.nan if (mean := r.aesthetic_mean) is None else mean for r in records]),
        quality=np.array([-1 if h is None else 1 - h for h in high], np.intp),
        emotion=np.array([number.get(emotion, -1) for emotion in emotions], np.intp),
        groups=_group_numbers(records),
        offered=_offered(records),
        by_votes=any(r.emotion is None and r.emotion_votes is not None for r in records),
        mostly_neutral=np.array([_mostly_neutral(record) for record in records], np.bool_),
        dropped={reason: reasons[reason] for reason in (TIE, NO_VOTE, UNLABELLED)},
    )


def _mostly_neutral(record: ImageRecord) -> bool:
    votes = record.emotion_votes
    return record.emotion is None and record.neutral_votes > max((votes or {}).values(), default=0)


def _group_numbers(records: Sequence[ImageRecord]) -> NDArray[np.intp] | None:
    numbers: dict[object, int] = {}
    # An image without a group is one of its own; its place cannot be the name of a group.
    keys = (i if r.group is None else r.group for i, r in enumerate(records))
    groups = [numbers.setdefault(key, len(numbers)) for key in keys]
    return np.array(groups, np.intp) if len(numbers) < len(records) else None


def _offered(records: Sequence[ImageRecord]) -> tuple[str, ...]:
    """Where some image has a single label, all eight were on offer; votes say it themselves."""
    if any(record.emotion is not None for record in records):
        return EMOTIONS
    offered: set[str] = set()
    for record in records:
        offered.update(record.emotion_votes or ())
    return tuple(emotion for emotion in EMOTIONS if emotion in offered)


def quality_by_emotion(
    labels: ImageLabels, without: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """(8, 2) images of each emotion that are high and low, but for (N,) those left out."""
    both = (labels.emotion >= 0) & (labels.quality >= 0)
    if without is not None:
        both &= ~without
    cells = labels.emotion[both] * 2 + labels.quality[both]
    return np.bincount(cells, minlength=16).reshape(8, 2)


def images_per_emotion(labels: ImageLabels) -> NDArray[np.int64]:
    """(8,) images of each emotion, of known quality or not."""
    return np.bincount(labels.emotion[labels.emotion >= 0], minlength=len(EMOTIONS))


NEUTRAL = "neutral"
"""What votes for no emotion are counted as, beside the emotions."""


def vote_matrix(records: Sequence[ImageRecord]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Votes of the images that have any: names of the answers (K,), counts (N, K).

    The answers are the emotions that were offered, in the usual order, and neutral at the end
    where somebody chose it. Without votes both are empty.
    """
    voted = [record for record in records if record.emotion_votes]
    offered = [e for e in EMOTIONS if any(e in (r.emotion_votes or {}) for r in voted)]
    rows = [[*((r.emotion_votes or {}).get(e, 0.0) for e in offered), r.neutral_votes]
            for r in voted]  # fmt: skip
    votes = np.array(rows, np.float64).reshape(len(rows), len(offered) + 1)
    if votes[:, -1].any():
        return (*offered, NEUTRAL), votes
    return tuple(offered), votes[:, :-1]


class Comparison(NamedTuple):
    """A count beside the published one."""

    what: str
    found: int
    published: int
    tolerance: int
    """How far apart the two may be and still agree."""

    @property
    def difference(self) -> int:
        """Found minus published."""
        return self.found - self.published

    @property
    def agrees(self) -> bool:
        """Whether the difference is within the tolerance."""
        return abs(self.difference) <= self.tolerance


def compare_with_iae(labels: ImageLabels) -> list[Comparison]:
    """Each published count of the IAE dataset beside the one here.

    The totals are printed numbers and must be equal; the bars were read off a chart, to about
    25 images (as read they sum to 12,630 high and 9,430 low).
    """
    table = quality_by_emotion(labels)
    totals = np.bincount(labels.quality[labels.quality >= 0], minlength=2)
    compared = [
        Comparison("images", len(labels.score), IAE_TOTAL, 0),
        Comparison("high", int(totals[0]), IAE_HIGH, 0),
        Comparison("low", int(totals[1]), IAE_LOW, 0),
    ]
    for emotion, counts in zip(EMOTIONS, table, strict=True):
        for quality, count, bar in zip(("high", "low"), counts, IAE_BARS[emotion], strict=True):
            compared.append(Comparison(f"{emotion}, {quality}", int(count), bar, IAE_BAR_ERROR))
    return compared
