"""How carefully each rater rates: repeats, known answers, bias, speed, one key pressed always."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iae.stats.items import item_statistics
from iae.stats.raters import rater_model
from iae.stats.rating_design import without_repeats
from iae.stats.screening import key_use, screen_bt500
from iae.study.questions import Question
from iae.study.records import StudyVotes

NAN = float("nan")
ENOUGH = 3
"""Repeats or gold images below which a rater is not judged by them."""
LEAST_GOLD_HITS = 0.5
LEAST_REPEAT_AGREEMENT = 0.5
RULES = ("bt500", "gold", "repeats")
"""Ways of screening."""


@dataclass(frozen=True, kw_only=True)
class RaterQuality:
    """One rater; NaN where there is nothing to tell from."""

    id: str
    name: str | None
    votes: int
    """Assignments with a vote in force, repeats and gold images included."""
    median_seconds: float
    """Of looking at an image."""
    bias: float
    """Points of ten above (mild) or below (harsh) the average rater (``stats.raters``)."""
    inconsistency: float
    """Points of ten: spread around quality and bias."""
    repeats: int
    """Images rated twice."""
    repeat_agreement: float
    """Share of these answered alike: the same level of a question without scores, the same or
    the next one of a question with scores; the mean over the questions."""
    gold: int
    """Images with known answers that were rated."""
    gold_hits: float
    """Share of the known answers that were given, exactly."""
    top_share: float
    """Share of the level the rater gives most often."""
    straight_lining: bool
    """Nearly always the same level (``stats.screening.KeyUse``)."""
    outlier: bool
    """Rejected by the screening of ITU-R BT.500."""


def rater_quality(votes: StudyVotes) -> list[RaterQuality]:
    """The quality of every rater, in the order of the raters."""
    numbers = _of_scores(votes)
    given = _per_rater(votes, votes.standing.group_by("rater").len("n"), "n")
    seconds = votes.standing.group_by("rater").agg(pl.col("seconds").median().alias("n"))
    median = _per_rater(votes, seconds, "n")
    repeats = {rater: _repeats(votes, rater) for rater in votes.raters}
    gold = {rater: _gold(votes, rater) for rater in votes.raters}
    return [
        RaterQuality(
            id=rater, name=votes.names[j], votes=int(np.nan_to_num(given[j])),
            median_seconds=float(median[j]), bias=float(numbers["bias"][j]),
            inconsistency=float(numbers["inconsistency"][j]), repeats=repeats[rater][0],
            repeat_agreement=repeats[rater][1], gold=gold[rater][0], gold_hits=gold[rater][1],
            top_share=float(numbers["top_share"][j]), straight_lining=bool(numbers["always"][j]),
            outlier=bool(numbers["outlier"][j]),
        )
        for j, rater in enumerate(votes.raters)
    ]  # fmt: skip


def screened(raters: Sequence[RaterQuality], rules: Sequence[str]) -> dict[str, str]:
    """Rater -> why their votes should be left out, by some of ``RULES``.

    ``bt500``: rejected by ITU-R BT.500. ``gold``: fewer than half of the known answers given.
    ``repeats``: fewer than half of the repeated images answered alike. Of gold images and of
    repeats a rater needs three to be judged.
    """
    reasons: dict[str, str] = {}
    for rater in raters:
        found = []
        if "bt500" in rules and rater.outlier:
            found.append("bt500")
        if "gold" in rules and rater.gold >= ENOUGH and rater.gold_hits < LEAST_GOLD_HITS:
            found.append("gold")
        if (
            "repeats" in rules
            and rater.repeats >= ENOUGH
            and rater.repeat_agreement < LEAST_REPEAT_AGREEMENT
        ):
            found.append("repeats")
        if found:
            reasons[rater.id] = "+".join(found)
    return reasons


def _of_scores(votes: StudyVotes) -> Mapping[str, NDArray[np.float64]]:
    """(M,) arrays by name, from the question with scores; NaN and 0 without one."""
    raters, question = len(votes.raters), votes.scored
    if question is None:
        nothing = np.full(raters, NAN)
        share = _top_shares(votes, votes.questions[0])
        return {"bias": nothing, "inconsistency": nothing, "outlier": np.zeros(raters),
                "always": np.zeros(raters), "top_share": share}  # fmt: skip
    ratings, _ = without_repeats(votes.ratings(question))
    model, keys = rater_model(ratings), key_use(ratings)
    outliers = screen_bt500(ratings, item_statistics(ratings))
    return {"bias": model.bias, "inconsistency": model.inconsistency, "top_share": keys.share,
            "always": keys.always.astype(float),
            "outlier": outliers.rejected.astype(float)}  # fmt: skip


def _top_shares(votes: StudyVotes, question: Question) -> NDArray[np.float64]:
    counts = votes.main.group_by("rater", question.name).len("n")
    shares = counts.group_by("rater").agg((pl.col("n").max() / pl.col("n").sum()).alias("n"))
    return _per_rater(votes, shares, "n")


def _per_rater(votes: StudyVotes, frame: pl.DataFrame, column: str) -> NDArray[np.float64]:
    """(M,) a column of a table with a row a rater; NaN for a rater who is not there."""
    found = dict(frame.select("rater", column).iter_rows())
    values = [found.get(rater) for rater in votes.raters]
    return np.array([NAN if value is None else value for value in values], np.float64)


def _repeats(votes: StudyVotes, rater: str) -> tuple[int, float]:
    mine = votes.standing.filter(pl.col("rater") == rater)
    again = mine.filter(pl.col("kind") == "repeat")
    pairs = again.join(mine.filter(pl.col("kind") == "main"), on="image", suffix="_first")
    if pairs.is_empty():
        return 0, NAN
    agreements = [
        _is_like(question, first, second)
        for question in votes.questions
        for first, second in pairs.select(f"{question.name}_first", question.name).iter_rows()
    ]
    return len(pairs), float(np.mean(agreements))


def _is_like(question: Question, first: str, second: str) -> bool:
    if not question.scores:
        return first == second
    ranked = sorted(question.scores, key=lambda level: question.scores[level])
    return abs(ranked.index(first) - ranked.index(second)) <= 1


def _gold(votes: StudyVotes, rater: str) -> tuple[int, float]:
    mine = votes.standing.filter((pl.col("rater") == rater) & (pl.col("kind") == "gold"))
    hits = [
        row[question] == level
        for row in mine.iter_rows(named=True)
        for question, level in votes.gold[row["image"]].items()
    ]
    return len(mine), float(np.mean(hits)) if hits else NAN
