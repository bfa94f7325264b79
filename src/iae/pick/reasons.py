"""How one shot differs from another of its series, in words that were measured.

Only what differs by more than the measure itself wavers is said (docs/series.md); whether eyes are
open or a smile is better nobody has measured, so it is never said.
"""

from dataclasses import dataclass

from iae.images.technical import TechnicalFacts

HIGHER = 0.25
"""Points of the predicted mean rating from which a score counts as higher."""

SHARPER = 1.25
"""Factor of sharpness; the same photo decoded in two ways differs by a factor of 1.1 at most."""

CLIPPED = 0.02
"""Share of pixels: a fiftieth of the picture has lost its detail in one shot and not the other."""

NOISIER, NOISE_LEVELS = 1.5, 1.0
"""Factor of noise, and least difference in levels of 255."""

MUCH_LESS_SHARP = 0.9
"""A shot that is less sharp than so much of the other has less noise because it is blurred; then
nothing is said of noise."""


@dataclass(frozen=True)
class _Word:
    better: str
    worse: str


_SCORE = _Word("higher score", "lower score")
_SHARP = _Word("sharper", "less sharp")
_CLIPPED = _Word("less clipped", "more clipped")
_NOISE = _Word("less noise", "more noise")
SAME = "nothing measured differs"
"""Of copies of one picture."""


def compared(
    score: float,
    facts: TechnicalFacts | None,
    other_score: float,
    other_facts: TechnicalFacts | None,
) -> tuple[str, ...]:
    """What holds of a shot against another: first what speaks for it, then what speaks against it.

    >>> compared(5.5, None, 5.0, None), compared(5.0, None, 5.1, None)
    (('higher score',), ())

    Args:
        score: predicted mean rating of the shot.
        facts: what was measured in it; None where nothing was.
        other_score: of the other shot.
        other_facts: of the other shot.
    """
    if facts is not None and (score, facts) == (other_score, other_facts):
        return (SAME,)
    signs = [(_SCORE, _sign(score - other_score, HIGHER))]
    if facts is not None and other_facts is not None:
        signs += [
            (_SHARP, _ratio(facts.sharpness, other_facts.sharpness)),
            (_CLIPPED, _sign(_clipped(other_facts) - _clipped(facts), CLIPPED)),
            (_NOISE, _less_noise(facts, other_facts)),
        ]
    better = [word.better for word, sign in signs if sign > 0]
    return (*better, *(word.worse for word, sign in signs if sign < 0))


def _sign(difference: float, least: float) -> int:
    return 0 if abs(difference) < least else 1 if difference > 0 else -1


def _ratio(one: float, other: float) -> int:
    if max(one, other) <= 0:
        return 0
    return (one >= SHARPER * other) - (other >= SHARPER * one)


def _less_noise(one: TechnicalFacts, other: TechnicalFacts) -> int:
    low, high = sorted((one, other), key=lambda facts: facts.noise)
    is_blurred = low.sharpness < MUCH_LESS_SHARP * high.sharpness
    if is_blurred or high.noise < NOISIER * low.noise or high.noise - low.noise < NOISE_LEVELS:
        return 0
    return 1 if low is one else -1


def _clipped(facts: TechnicalFacts) -> float:
    return facts.clipped_highlights + facts.clipped_shadows
