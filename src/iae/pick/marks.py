"""What the choice says in a photo's XMP: the pick label; stars and rejects if asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from iae.pick.choice import Pick
from iae.xmp.marks import Marks

REJECTED, ACCEPTED = 1, 3
"""digiKam's pick labels."""


@dataclass(frozen=True, kw_only=True)
class PickMarks:
    """What is to be written beside the pick label."""

    best_stars: int | None = None
    """Stars, 1 to 5, for the best of each series; None writes no stars."""
    reject: bool = False
    """Whether what is not kept of a series is rejected."""


def marks_of(
    picks: Sequence[Pick], files: Sequence[Path], rules: PickMarks = PickMarks()
) -> dict[Path, Marks]:
    """File of each shot of a series -> what is to be said of it.

    Kept shots get the pick label "accepted". The others get "rejected" and the rating -1 if that
    was asked for, and otherwise no label, which takes an earlier "accepted" of ours back. Where
    stars or rejects are written, other shots of the series have the rating 0, which takes back
    what an earlier run of ours wrote; stars of a person stay. Photos in no series are left alone.

    Args:
        picks: (N) the choice.
        files: (N) where each photo lies.
        rules: what is written beside the label.
    """
    return {
        file: _marks(pick, rules)
        for pick, file in zip(picks, files, strict=True)
        if pick.series is not None
    }


def _marks(pick: Pick, rules: PickMarks) -> Marks:
    if not pick.kept:
        rating = -1 if rules.reject else None if rules.best_stars is None else 0
        return Marks(pick=REJECTED if rules.reject else 0, rating=rating)
    if pick.best and rules.best_stars is not None:
        return Marks(pick=ACCEPTED, rating=rules.best_stars)
    return Marks(pick=ACCEPTED, rating=0 if rules.reject or rules.best_stars is not None else None)
