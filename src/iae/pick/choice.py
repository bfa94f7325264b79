"""The choice among the shots of each series, and what a person made of it: pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iae.pick.reasons import compared
from iae.scoring.scores import PhotoScore
from iae.series.ranking import Ranking, ShotFeatures, preferred, rank_series

COLUMNS = ("path", "series", "rank", "best", "kept", "too_close", "preference", "reasons", "score",
           "overruled", "error")  # fmt: skip
"""Columns of ``picks.csv``, in order. Columns are added at the end, never renamed."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person said of one photo."""

    best: bool = False
    """It is the best of its series."""
    keep: bool | None = None
    """Whether it is kept; None leaves that to the program."""

    def __bool__(self) -> bool:
        return self.best or self.keep is not None


@dataclass(frozen=True, kw_only=True)
class Pick:
    """One photo in the choice; of an unreadable one only path and error are told."""

    path: str
    error: str = ""
    score: float | None = None
    """Predicted mean rating, in [1, 10]."""
    series: int | None = None
    """Number of its series, from 1 in the order found; None for a photo that is in none."""
    rank: int | None = None
    """1 is the best by the program, whatever a person said; None in no series."""
    best: bool = False
    """Whether it is the best of its series."""
    kept: bool = False
    """Whether it is to stay: a series' best, ``keep`` of them in all, and photos in no series."""
    too_close: bool | None = None
    """Whether between the program's first and second it was too close to call; of all in a series.
    """
    preference: float | None = None
    """Chance in [0, 1] that people prefer it to the program's best; for that one itself, to the
    runner-up."""
    reasons: tuple[str, ...] = ()
    """How it differs from the best; the best itself, from the runner-up."""
    own_best: bool = False
    """Whether it is the best by the program."""
    own_kept: bool = False
    """Whether the program keeps it."""
    decision: Decision = Decision()
    """What a person said."""

    @property
    def overruled(self) -> bool:
        """Whether a person changed what the program says of it."""
        return (self.best, self.kept) != (self.own_best, self.own_kept)

    def to_row(self) -> dict[str, str | int | float | bool | None]:
        """A value for each of ``COLUMNS``."""
        preference = None if self.preference is None else round(self.preference, 4)
        values = (self.path, self.series, self.rank, self.best, self.kept, self.too_close,
                  preference, "; ".join(self.reasons), self.score, self.overruled,
                  self.error)  # fmt: skip
        return dict(zip(COLUMNS, values, strict=True))


def choose(
    scores: Sequence[PhotoScore],
    groups: Sequence[Sequence[int]],
    *,
    keep: int = 1,
    decisions: Mapping[int, Decision] | None = None,
) -> list[Pick]:
    """The choice, in the order of the photos.

    Args:
        scores: (N) photos, some unreadable.
        groups: indices of readable photos, each in exactly one group, most often alone.
        keep: shots kept of each series, from 1.
        decisions: what a person said, by index. Where two of one series are said to be its best,
            as when two series have become one, it is the later one in the order found.
    """
    picks = [Pick(path=score.path, error=score.error) for score in scores]
    decided = decisions or {}
    number = 0
    for group in sorted(map(sorted, groups)):
        if len(group) == 1:
            picks[group[0]] = _single(scores[group[0]], decided.get(group[0], Decision()))
            continue
        number += 1
        shots = [scores[i] for i in group]
        told = [decided.get(i, Decision()) for i in group]
        for i, pick in zip(group, _series(number, shots, told, keep), strict=True):
            picks[i] = pick
    return picks


def _single(score: PhotoScore, decision: Decision) -> Pick:
    kept = True if decision.keep is None else decision.keep
    return Pick(path=score.path, score=score.aesthetic_mean, kept=kept, own_kept=True,
                decision=decision)  # fmt: skip


def _series(
    number: int, shots: Sequence[PhotoScore], told: Sequence[Decision], keep: int
) -> list[Pick]:
    ranking = rank_series(_features(shots))
    own = [int(i) for i in ranking.order]
    said = [i for i, decision in enumerate(told) if decision.best]
    best = said[-1] if said else own[0]
    own_kept, kept = set(own[:keep]), set([best, *(i for i in own if i != best)][:keep])
    ranks = ranking.ranks
    picks = []
    for i, (shot, decision) in enumerate(zip(shots, told, strict=True)):
        runner_up = next(j for j in own if j != best)
        picks.append(
            Pick(
                path=shot.path,
                score=shot.aesthetic_mean,
                series=number,
                rank=int(ranks[i]),
                best=i == best,
                kept=i in kept if decision.keep is None else decision.keep,
                too_close=ranking.too_close,
                preference=_preference(ranking, i),
                reasons=_compared(shot, shots[runner_up if i == best else best]),
                own_best=i == own[0],
                own_kept=i in own_kept,
                decision=decision,
            )
        )
    return picks


def _features(shots: Sequence[PhotoScore]) -> ShotFeatures:
    facts = [shot.facts for shot in shots]
    return ShotFeatures(
        score=[math.nan if s.aesthetic_mean is None else s.aesthetic_mean for s in shots],
        sharpness=[math.nan if f is None else f.sharpness for f in facts],
        clipped=[
            math.nan if f is None else f.clipped_highlights + f.clipped_shadows for f in facts
        ],
    )


def _preference(ranking: Ranking, shot: int) -> float:
    first = ranking.order[0]
    if shot == first:
        return ranking.preference
    return preferred(ranking.utilities[shot], ranking.utilities[first])


def _compared(one: PhotoScore, other: PhotoScore) -> tuple[str, ...]:
    assert one.aesthetic_mean is not None
    assert other.aesthetic_mean is not None
    return compared(one.aesthetic_mean, one.facts, other.aesthetic_mean, other.facts)
