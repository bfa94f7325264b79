"""The votes of a study as tables and ratings: what statistics and exports start from."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from sqlalchemy import Connection, select

from iae.data.ratings import Ratings
from iae.labels import to_ten_point
from iae.study.clock import iso
from iae.study.questions import Question
from iae.study.schema import ASSIGNMENT, IMAGE, OF_STUDY, RATER, VOTE, Action, Kind, State

FIXED_COLUMNS = ("image", "rater", "kind", "number", "action", "stands", "seconds", "at", "shown",
                 "conditions")  # fmt: skip
"""Columns of the table of votes before those of the questions."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyVotes:
    """All that was voted, at one moment."""

    questions: tuple[Question, ...]
    images: Sequence[str]
    """(N,) paths of the images to be rated, gold ones not among them."""
    raters: Sequence[str]
    """(M,) pseudonyms in the order of their invitation, without demonstration links."""
    names: Sequence[str | None]
    """(M,) names the owner gave, for the owner."""
    history: pl.DataFrame
    """Every vote, also those changed or taken back: ``FIXED_COLUMNS`` and a column a question
    with the level, then ``QUESTION_score`` where its levels have scores. ``kind`` is main, repeat
    or gold; ``action`` cast, changed or withdrawn; ``stands`` says whether the vote is in force;
    ``number`` is the place in the rater's sequence; ``at`` and ``shown`` are times in UTC."""
    gold: dict[str, dict[str, str]]
    """Gold image -> question -> the known level."""

    @property
    def standing(self) -> pl.DataFrame:
        """The votes in force."""
        return self.history.filter(pl.col("stands"))

    @property
    def main(self) -> pl.DataFrame:
        """The votes in force that count: neither repeats nor gold images."""
        return self.standing.filter(pl.col("kind") == "main")

    @property
    def scored(self) -> Question | None:
        """The question whose answers are the aesthetic score: ``quality``, else the first that
        has scores, else None."""
        with_scores = [question for question in self.questions if question.scores]
        named = [question for question in with_scores if question.name == "quality"]
        return next(iter(named or with_scores), None)

    def ratings(self, question: Question) -> Ratings:
        """The counting votes on one question with scores, on [1, 10].

        ``scale`` is the question's own, so that what writes the ratings can say what raters saw.
        """
        frame = self.main.drop_nulls(question.name)
        place = {name: i for i, name in enumerate(self.images)}
        who = {name: i for i, name in enumerate(self.raters)}
        scores = {name: to_ten_point(score, question.scale)
                  for name, score in question.scores.items()}  # fmt: skip
        return Ratings(
            items=list(self.images),
            raters=list(self.raters),
            item=np.array([place[name] for name in frame["image"]], np.int32),
            rater=np.array([who[name] for name in frame["rater"]], np.int32),
            value=np.array([scores[level] for level in frame[question.name]], np.float64),
            scale=question.scale,
        )

    def counts(self, question: Question) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
        """(N, L) counting votes for each level of a question, in the order of its levels."""
        place = {name: i for i, name in enumerate(self.images)}
        column = {level.name: i for i, level in enumerate(question.levels)}
        table = np.zeros((len(self.images), len(question.levels)))
        for image, level in self.main.select("image", question.name).iter_rows():
            table[place[image], column[level]] += 1
        return table

    def without(self, raters: Sequence[str]) -> "StudyVotes":
        """The same study without the votes of some raters; the raters stay in the list."""
        return replace(self, history=self.history.filter(~pl.col("rater").is_in(list(raters))))


def read_votes(connection: Connection, questions: tuple[Question, ...]) -> StudyVotes:
    """All votes of a study; a second or two for 200,000."""
    images = connection.execute(
        select(IMAGE.c.path, IMAGE.c.role, IMAGE.c.gold_answers).order_by(IMAGE.c.id)
    ).all()
    raters = connection.execute(
        select(RATER.c.public_id, RATER.c.name).where(~RATER.c.demo).order_by(RATER.c.id)
    ).all()
    return StudyVotes(
        questions=questions,
        images=[row.path for row in images if row.role in OF_STUDY],
        raters=[row.public_id for row in raters],
        names=[row.name for row in raters],
        history=_history(connection, questions),
        gold={row.path: json.loads(row.gold_answers) for row in images if row.role not in OF_STUDY},
    )


def _history(connection: Connection, questions: tuple[Question, ...]) -> pl.DataFrame:
    rows = connection.execute(
        select(
            IMAGE.c.path, RATER.c.public_id, ASSIGNMENT.c.kind, ASSIGNMENT.c.number,
            ASSIGNMENT.c.state, ASSIGNMENT.c.vote_id, ASSIGNMENT.c.given_ms, VOTE.c.id,
            VOTE.c.action, VOTE.c.answers, VOTE.c.seconds, VOTE.c.conditions, VOTE.c.at_ms,
        )
        .join(ASSIGNMENT, ASSIGNMENT.c.id == VOTE.c.assignment_id)
        .join(IMAGE, IMAGE.c.id == ASSIGNMENT.c.image_id)
        .join(RATER, RATER.c.id == VOTE.c.rater_id)
        .order_by(VOTE.c.id)
    ).all()  # fmt: skip
    answers = [json.loads(row.answers) for row in rows]
    columns: dict[str, pl.Series] = {
        "image": _texts([row.path for row in rows]),
        "rater": _texts([row.public_id for row in rows]),
        "kind": _texts([Kind(row.kind).name.lower() for row in rows]),
        "number": pl.Series([row.number for row in rows], dtype=pl.Int64),
        "action": _texts([Action(row.action).name.lower() for row in rows]),
        "stands": pl.Series(
            [row.state == State.VOTED and row.id == row.vote_id for row in rows], dtype=pl.Boolean
        ),
        "seconds": pl.Series([row.seconds for row in rows], dtype=pl.Float64),
        "at": _texts([iso(row.at_ms) for row in rows]),
        "shown": _texts([iso(row.given_ms) for row in rows]),
        "conditions": _texts([row.conditions for row in rows]),
    }
    for question in questions:
        levels = [answer.get(question.name) for answer in answers]
        columns[question.name] = _texts(levels)
        if question.scores:
            scores = [None if level is None else question.scores[level] for level in levels]
            columns[f"{question.name}_score"] = pl.Series(scores, dtype=pl.Float64)
    return pl.DataFrame(columns)


def _texts(values: Sequence[str | None]) -> pl.Series:
    return pl.Series(values, dtype=pl.String)
