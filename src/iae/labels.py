"""The vocabulary: eight emotions, four quality levels, one threshold.

Orders are part of every file format of this package: the emotions are always in the order of
:data:`EMOTIONS`, the levels always worst first, so that a cumulative sum over levels means
"at most this good".
"""

from collections.abc import Iterable
from typing import Literal

EMOTIONS = (
    "amusement",
    "excitement",
    "awe",
    "contentment",
    "disgust",
    "anger",
    "fear",
    "sadness",
)
"""Mikels' eight emotions; the first four are positive, the last four negative."""

POSITIVE_EMOTIONS = EMOTIONS[:4]
NEGATIVE_EMOTIONS = EMOTIONS[4:]

LEVELS = ("bad", "fair", "good", "excellent")
"""The four quality levels a rater can give, worst first."""

LEVEL_SCORES = (1.0, 4.0, 7.0, 10.0)
"""What each level counts; a photo's aesthetic score is the mean over its raters."""

SCORE_MIN, SCORE_MAX = LEVEL_SCORES[0], LEVEL_SCORES[-1]

HIGH_THRESHOLD = 5.0
"""Scores below are low-aesthetic, this one and above are high-aesthetic."""


def polarity(emotion: str) -> Literal["positive", "negative"]:
    """Whether one of the eight emotions is positive or negative.

    >>> polarity("awe"), polarity("fear")
    ('positive', 'negative')
    """
    return "positive" if EMOTIONS.index(emotion) < len(POSITIVE_EMOTIONS) else "negative"


def is_high(score: float) -> bool:
    """Whether an aesthetic score in [1, 10] counts as high; exactly 5 does.

    >>> is_high(5.0), is_high(4.99)
    (True, False)
    """
    return score >= HIGH_THRESHOLD


def to_ten_point(score: float, scale: tuple[float, float]) -> float:
    """Map a score linearly from ``scale`` = (worst, best) onto [1, 10].

    >>> to_ten_point(3.0, (1.0, 5.0))
    5.5
    """
    worst, best = scale
    # Divided first: the best score is then exactly 10, not one rounding error above.
    return SCORE_MIN + (score - worst) / (best - worst) * (SCORE_MAX - SCORE_MIN)


def level_shares(scores: Iterable[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Share of raters per level, from (score in [1, 10], number of raters) pairs.

    A score between two levels is split between them so that its mean is kept: 5.5 counts half as
    fair (4) and half as good (7). The mean of the shares is therefore the mean of the scores.

    Raises:
        ValueError: no rater at all, or a score off the scale.

    >>> level_shares([(5.5, 1.0), (10.0, 1.0)])
    (0.0, 0.25, 0.25, 0.5)
    """
    step = LEVEL_SCORES[1] - LEVEL_SCORES[0]
    shares = [0.0, 0.0, 0.0, 0.0]
    total = 0.0
    for score, raters in scores:
        if not SCORE_MIN <= score <= SCORE_MAX:
            raise ValueError(f"score {score} lies outside [{SCORE_MIN:g}, {SCORE_MAX:g}]")
        lower = min(int((score - SCORE_MIN) / step), len(LEVELS) - 2)
        upper_part = (score - LEVEL_SCORES[lower]) / step
        shares[lower] += raters * (1 - upper_part)
        shares[lower + 1] += raters * upper_part
        total += raters
    if total <= 0:
        raise ValueError("no rater gave a score")
    bad, fair, good, excellent = (share / total for share in shares)
    return bad, fair, good, excellent
