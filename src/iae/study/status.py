"""How a study stands: progress, agreement so far, the raters, and when it may end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from iae.stats.agreement import krippendorff_alpha
from iae.stats.icc import VarianceSums
from iae.stats.items import item_statistics
from iae.stats.rating_design import without_repeats
from iae.stats.value_counts import counted, value_counts
from iae.study.quality import RaterQuality, rater_quality
from iae.study.records import StudyVotes, read_votes
from iae.study.schema import ASSIGNMENT, IMAGE, OF_STUDY, VOTE, Action, Role, State
from iae.study.unreadable import unreadable

if TYPE_CHECKING:
    from iae.study.service import Study

NAN = float("nan")
_DAY_MS = 86_400_000


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageProgress:
    """Per image, (N,) each, in the order of the images."""

    images: Sequence[str]
    votes: NDArray[np.int64]
    mean: NDArray[np.float64]
    """Mean score on [1, 10]; NaN without votes, or where no question has scores."""
    low: NDArray[np.float64]
    """Lower end of its 95 % interval; NaN below two votes."""
    high: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyStatus:
    """For the owner of a study only: it holds names of files and of raters."""

    title: str
    images: int
    raters_per_image: int
    votes: int
    """Votes in force that count, each once an image and rater."""
    wanted: int
    """Votes still missing to ``raters_per_image`` on every image that can be read."""
    on_screens: int
    """Images that are with raters now."""
    unreadable: Sequence[str]
    """Files that turned out to be unreadable, gold ones among them; nobody is given these."""
    lost: int
    """Images among them that votes were wanted on."""
    by_votes: Mapping[int, int]
    """Number of votes -> images that have so many, ascending."""
    agreement: Mapping[str, Mapping[str, float]]
    """Question -> figure -> value: ``alpha`` (Krippendorff; ordinal for scores, nominal else),
    and of scores ``alpha_interval``, ``icc1``, ``icc2k`` and ``half_interval``, the median half
    width of the 95 % intervals of the images' means, points of ten. NaN while too little is
    voted."""
    per_image: ImageProgress
    raters: Sequence[RaterQuality]
    votes_per_day: float
    """Over the last 24 hours, or since the first vote if that is later; 0 without votes."""
    expected_end_ms: int | None
    """When the last vote would come at this rate; None without a rate, or when all are there."""


def study_status(study: "Study") -> StudyStatus:
    """The status of an open study, at one moment."""
    with study.storage.reading() as connection:
        votes = read_votes(connection, study.asked)
        held = connection.execute(
            select(func.count()).select_from(ASSIGNMENT).where(ASSIGNMENT.c.state == State.OPEN)
        ).scalar_one()
        rows = connection.execute(
            select(IMAGE.c.votes, IMAGE.c.role)
            .where(IMAGE.c.role.in_(OF_STUDY))
            .order_by(IMAGE.c.id)
        ).all()
        files = tuple(unreadable(connection).values())
        rate = _votes_per_day(connection, study.now_ms)
    counts = np.array([row.votes for row in rows], np.int64)
    readable = np.array([row.role == Role.RATED for row in rows])
    missing = np.maximum(study.settings.raters_per_image - counts, 0)
    wanted = int(missing[readable].sum())
    end = study.now_ms + round(wanted / rate * _DAY_MS) if wanted and rate else None
    return StudyStatus(
        title=study.title,
        images=len(counts),
        raters_per_image=study.settings.raters_per_image,
        votes=int(counts.sum()),
        wanted=wanted,
        on_screens=held,
        unreadable=files,
        lost=int((~readable).sum()),
        by_votes=dict(sorted(Counter(counts.tolist()).items())),
        agreement={question.name: _agreement(votes, i) for i, question in
                   enumerate(votes.questions)},
        per_image=_per_image(votes, counts),
        raters=rater_quality(votes),
        votes_per_day=rate,
        expected_end_ms=end,
    )  # fmt: skip


def _votes_per_day(connection: Connection, now_ms: int) -> float:
    since = now_ms - _DAY_MS
    cast = VOTE.c.action == Action.CAST
    first = connection.execute(select(func.min(VOTE.c.at_ms)).where(cast)).scalar()
    if first is None:
        return 0.0
    recent = connection.execute(
        select(func.count()).select_from(VOTE).where(cast, VOTE.c.at_ms >= since)
    ).scalar_one()
    # A minute at least: the first vote of a study is no thousand votes a day.
    return float(recent * _DAY_MS / max(now_ms - max(first, since), 60_000))


def _agreement(votes: StudyVotes, question_number: int) -> dict[str, float]:
    question = votes.questions[question_number]
    if not question.scores:
        return {"alpha": krippendorff_alpha(counted(votes.counts(question)), "nominal")}
    ratings, _ = without_repeats(votes.ratings(question))
    counts = value_counts(ratings.item, ratings.value, len(ratings.items))
    if not len(ratings.value):
        return dict.fromkeys(("alpha", "alpha_interval", "icc1", "icc2k", "half_interval"), NAN)
    icc, items = VarianceSums(ratings).icc(), item_statistics(ratings)
    half = ((items.mean_high - items.mean_low) / 2)[items.count > 1]
    return {
        "alpha": krippendorff_alpha(counts, "ordinal"),
        "alpha_interval": krippendorff_alpha(counts, "interval"),
        "icc1": icc.icc1,
        "icc2k": icc.icc2k,
        "half_interval": float(np.median(half)) if len(half) else NAN,
    }


def _per_image(votes: StudyVotes, counts: NDArray[np.int64]) -> ImageProgress:
    if votes.scored is None:
        nothing = np.full(len(counts), NAN)
        return ImageProgress(images=votes.images, votes=counts, mean=nothing, low=nothing,
                             high=nothing)  # fmt: skip
    items = item_statistics(without_repeats(votes.ratings(votes.scored))[0])
    return ImageProgress(images=votes.images, votes=counts, mean=items.mean, low=items.mean_low,
                         high=items.mean_high)  # fmt: skip
