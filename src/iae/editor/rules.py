"""What is said of each photo of a library, given its scores: pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from iae.editor.stars import StarRule
from iae.labels import EMOTIONS
from iae.scoring.library import doubts
from iae.scoring.scores import PhotoScore
from iae.xmp.marks import ROOT, Marks

MOOD_SHARE = 0.4
"""From this share on an emotion becomes a keyword: at most two of the eight can have it."""


@dataclass(frozen=True, kw_only=True)
class MarkRules:
    """What the user chose to have written."""

    stars: StarRule | None = None
    """None writes no stars."""
    reject_below: float | None = None
    """Photos that score below are rejected (-1); None rejects none."""
    moods: bool = True
    """Whether emotions become keywords."""
    mood_share: float = MOOD_SHARE
    """Least share, in (0, 1], of an emotion that becomes one."""


def marks_for(scores: Sequence[PhotoScore], rules: MarkRules) -> dict[str, Marks]:
    """Path of each photo that has scores -> what is to be said of it.

    A photo whose emotion is open (``doubts``) gets stars but no mood. Earlier moods of ours are to
    go wherever moods are written, also where there is none now.
    """
    scored = [(score, score.aesthetic_mean) for score in scores if score.aesthetic_mean is not None]
    stars: Sequence[int | None] = [None] * len(scored)
    if rules.stars:
        stars = rules.stars.stars([mean for _, mean in scored])
    found = {}
    for (score, mean), star in zip(scored, stars, strict=True):
        rejected = rules.reject_below is not None and mean < rules.reject_below
        moods = _moods(score, rules) if rules.moods else None
        found[score.path] = Marks(
            rating=-1 if rejected else star, keywords=moods, hierarchical=moods
        )
    return found


def _moods(score: PhotoScore, rules: MarkRules) -> tuple[str, ...]:
    """Paths, for the flat keywords too: programs that take ``|`` for a hierarchy read both as one,
    and a person's own "awe" is never taken for ours."""
    if score.emotions is None or "emotion" in doubts(score):
        return ()
    shares = zip(EMOTIONS, score.emotions, strict=True)
    return tuple(f"{ROOT}|mood|{emotion}" for emotion, share in shares if share >= rules.mood_share)
