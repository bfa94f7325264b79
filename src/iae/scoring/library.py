"""A photo within its library: how many are not better, what stands out, whether it is clear.

**Reasons** are plain words on measured facts. They are no account of what the network computed;
they say what is true of the photo, stands out in this library, and goes along with such scores:

* The fact is in the outer ``TAIL`` of the library, on the side the words name, and a
  ``STANDS_OUT``-th away from the library's median. Where many photos share a value, as in a
  library of copies or of a few photos, nobody is in a tail and nothing is said.
* Merits are said of photos that score above the library's median, defects of those below it.
* Where words would be untrue however rare the value is in the library, the rule has limits; each
  says where they come from.

Which facts count as merit or defect was read off the PARA data set and off what the bundled model
does when a fact alone is changed (docs/technical-facts.md). Clipped shadows are no reason, since
neither raters nor the model mind them; noise is none, since it cannot be told from texture well
enough to be sure that it is there.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from iae.images.technical import MEASURED_SIDE, TechnicalFacts
from iae.scoring.scores import PhotoScore

TAIL = 0.1
"""A value stands out when at most this share of the library is as far out, itself among it. Among
fewer than ten photos none is: nothing is said of a handful."""

STANDS_OUT = 1.25
"""… and when it is so many times above the median, or below. In a library of near-equals somebody
is last as well, which is no news."""

MOST_REASONS = 3

ODDS = 2.0
"""Odds below which a verdict counts as open: two to one."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Words for a fact that stands out to one side."""

    words: str
    fact: str
    """A name of ``FACTS``, or ``short_side``: the smaller of width and height."""
    high: bool
    """Whether the words are for the highest values, or for the lowest."""
    merit: bool
    """Whether they speak for a high score, or for a low one."""
    limits: tuple[float, float] = (-math.inf, math.inf)
    """Values outside never get the words."""
    unless: str = ""
    """Other words that, where they are said, say this already."""


RULES = (
    Rule(words="sharp detail", fact="sharpness", high=True, merit=True),
    # 45 is "averagely colourful" of Hasler and Süsstrunk: below it, no colour is strong.
    Rule(words="strong colour", fact="colourfulness", high=True, merit=True,
         limits=(45, math.inf)),
    Rule(words="strong contrast", fact="contrast", high=True, merit=True),
    Rule(words="soft focus", fact="sharpness", high=False, merit=False),
    # From 1 % of the pixels on, photos of PARA were rated below average; less is lamps and glints.
    Rule(words="highlights clipped", fact="clipped_highlights", high=True, merit=False,
         limits=(0.01, 1)),
    # A dark photo has little contrast and little colour because it is dark: one word is enough.
    Rule(words="low contrast", fact="contrast", high=False, merit=False, unless="dark"),
    Rule(words="dark", fact="brightness", high=False, merit=False),
    # Below 15, "slightly colourful" of the same scale; below 1 the photo is black and white, which
    # is a choice and no defect.
    Rule(words="little colour", fact="colourfulness", high=False, merit=False, limits=(1, 15),
         unless="dark"),
    # Larger ones are reduced before anything is measured or scored.
    Rule(words="low resolution", fact="short_side", high=False, merit=False,
         limits=(0, MEASURED_SIDE)),
)  # fmt: skip
"""Every reason there is, in the order in which equally extreme ones are named."""

REASONS = tuple(rule.words for rule in RULES)


def library_view(scores: Sequence[PhotoScore]) -> list[PhotoScore]:
    """The same photos in the same order, each compared with all of them.

    Adds ``percentile`` (None where a photo is the only one scored: there is nothing to compare
    with), ``reasons`` and ``unsure``. What these fields held before is replaced; unreadable photos
    have none of the three, and photos without a score only the last. Pure: the same photos in
    another order get the same.
    """
    means = np.array([s.aesthetic_mean for s in scores if s.aesthetic_mean is not None], np.float64)
    shares: Iterator[float | None] = iter(percentiles(means) if len(means) > 1 else [None])
    reasons = _reasons(scores)
    return [
        replace(
            score,
            percentile=None if score.aesthetic_mean is None else next(shares),
            reasons=found,
            unsure=None if score.error else bool(doubts(score)),
        )
        for score, found in zip(scores, reasons, strict=True)
    ]


def percentiles(values: NDArray[np.float64]) -> list[float]:
    """Share of the values that are not higher, in (0, 100], two decimals; (N,) -> N of them.

    A value counts itself, so the highest has 100; equal ones share the middle of theirs.
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    return [round(100 * share, 2) for share in (middle[inverse] / len(values)).tolist()]


def doubts(score: PhotoScore) -> tuple[str, ...]:
    """Which verdicts on one photo its own calibrated odds leave open: ``score``, ``emotion``.

    The score is open when the odds of high against low, by P(high), are below two to one either
    way; the emotion when those against the most probable one are above two to one. The 90 %
    interval is not asked: it holds 5 for most photos of middling quality, and P(high) says how much
    of it lies on either side. A verdict that there is none of is not open.
    """
    high, moods = score.high_prob, score.emotions
    open_score = high is not None and max(high, 1 - high) < ODDS / (1 + ODDS)
    open_emotion = moods is not None and max(moods) < 1 / (1 + ODDS)
    return ("score",) * open_score + ("emotion",) * open_emotion


def _reasons(scores: Sequence[PhotoScore]) -> list[tuple[str, ...]]:
    """The reasons of each photo, most extreme first."""
    known = [i for i, s in enumerate(scores) if s.facts and s.aesthetic_mean is not None]
    found: list[list[tuple[float, Rule]]] = [[] for _ in scores]
    if known:
        means = np.array([scores[i].aesthetic_mean for i in known], np.float64)
        sides = np.sign(means - np.median(means))
        for rule in RULES:
            values = np.array([_value(scores[i].facts, rule.fact) for i in known])
            tails = tail_shares(values if rule.high else -values)
            said = (sides == (1 if rule.merit else -1)) & (tails <= TAIL) & _far(values, rule)
            for j in np.flatnonzero(said):
                found[known[j]].append((float(tails[j]), rule))
    return [_said(photo) for photo in found]


def _said(found: list[tuple[float, Rule]]) -> tuple[str, ...]:
    """The words of at most three (tail, rule) pairs, the smallest tail first."""
    all_words = {rule.words for _, rule in found}
    ranked = sorted(found, key=lambda pair: pair[0])
    kept = [rule.words for _, rule in ranked if rule.unless not in all_words]
    return tuple(kept[:MOST_REASONS])


def tail_shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the values that are as high or higher, each itself among them; (N,) -> (N,)."""
    ordered = np.sort(values)
    lower = np.searchsorted(ordered, values, side="left")
    return np.asarray((len(values) - lower) / max(len(values), 1), np.float64)


def _far(values: NDArray[np.float64], rule: Rule) -> NDArray[np.bool_]:
    """Whether each value lies within the limits of the rule and away from the median."""
    median, (low, high) = np.median(values), rule.limits
    away = values >= STANDS_OUT * median if rule.high else values * STANDS_OUT <= median
    return np.asarray(away & (low <= values) & (values <= high))


def _value(facts: TechnicalFacts | None, name: str) -> float:
    assert facts is not None
    if name == "short_side":
        return float(min(facts.width, facts.height))
    return float(getattr(facts, name))
