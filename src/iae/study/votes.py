"""Storing a vote once, changing it, taking it back; the history keeps every step.

One transaction writes at a time, so nothing here is locked: the same vote sent twice at once finds
its twin, and whatever was forgotten the unique indexes refuse.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from iae.study.errors import AnswerError, KeyReusedError, UnknownIdError
from iae.study.schema import ASSIGNMENT, IMAGE, VOTE, Action, Kind, State
from iae.study.values import Acknowledged, Assignment

CONDITIONS = ("width", "height", "pixel_ratio", "input", "language", "dark")
"""What may be kept of a rater's screen: its size in CSS pixels and their ratio to real ones,
``key``, ``touch`` or ``mouse``, the page's language, and whether the page was dark."""

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_LONGEST = 40
_DAY = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Cast:
    """A vote that was checked and is ready to be stored."""

    assignment: str
    key: str
    answers: str
    """JSON, the questions in the study's order: the same answers are the same text."""
    seconds: float | None
    conditions: str | None
    """JSON."""


def check_key(key: object) -> str:
    """An idempotency key. Raises ``AnswerError``."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise AnswerError("the key of a vote must be 8 to 64 letters, digits, '-' or '_'")
    return key


def check_seconds(seconds: object) -> float | None:
    """A viewing time. A clock that went wrong is no reason to refuse a vote: None then."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return float(seconds) if math.isfinite(seconds) and 0 <= seconds <= _DAY else None


def check_conditions(conditions: Mapping[str, str | float] | None) -> str | None:
    """Conditions as they are stored. Raises ``AnswerError`` for any but ``CONDITIONS``."""
    if not conditions:
        return None
    for name, value in conditions.items():
        if name not in CONDITIONS:
            raise AnswerError(f"the condition {str(name)[:_LONGEST]!r} is not stored; "
                              f"known: {', '.join(CONDITIONS)}")  # fmt: skip
        is_number = isinstance(value, int | float) and math.isfinite(value)
        if not is_number and not (isinstance(value, str) and len(value) <= _LONGEST):
            raise AnswerError(f"the condition '{name}' must be a number or a word")
    return json.dumps(conditions, sort_keys=True)


_ASSIGNMENT = (  # and the vote that came with the key, if one did
    select(
        ASSIGNMENT.c.id, ASSIGNMENT.c.image_id, ASSIGNMENT.c.kind, ASSIGNMENT.c.state,
        ASSIGNMENT.c.number, VOTE.c.assignment_id, VOTE.c.action, VOTE.c.answers,
    )
    .outerjoin(VOTE, (VOTE.c.rater_id == ASSIGNMENT.c.rater_id) & (VOTE.c.key == bindparam("key")))
    .where(
        ASSIGNMENT.c.public_id == bindparam("assignment"),
        ASSIGNMENT.c.rater_id == bindparam("rater"),
    )
)  # fmt: skip
_STAND = (
    update(ASSIGNMENT)
    .where(ASSIGNMENT.c.id == bindparam("which"))
    .values(state=int(State.VOTED), vote_id=bindparam("vote"))
)
_COUNT = (
    update(IMAGE)
    .where(IMAGE.c.id == bindparam("which"))
    .values(votes=IMAGE.c.votes + bindparam("more"), load=IMAGE.c.load + bindparam("loaded"))
)


def store(connection: Connection, rater: int, cast: Cast, now_ms: int) -> Acknowledged:
    """Store a vote once. Raises ``UnknownIdError`` and ``KeyReusedError``."""
    assignment = connection.execute(
        _ASSIGNMENT, {"assignment": cast.assignment, "rater": rater, "key": cast.key}
    ).one_or_none()
    if assignment is None:
        raise UnknownIdError("this rater has no such assignment")
    if assignment.action is not None:
        return _again(assignment, cast)
    was_voted = assignment.state == State.VOTED
    action = Action.CHANGED if was_voted else Action.CAST
    vote = _insert(connection, rater, assignment.id, cast, action, now_ms)
    connection.execute(_STAND, {"which": assignment.id, "vote": vote})
    if assignment.kind == Kind.MAIN and not was_voted:
        late = int(assignment.state == State.RELEASED)
        connection.execute(_COUNT, {"which": assignment.image_id, "more": 1, "loaded": late})
    return Acknowledged(assignment=cast.assignment, number=assignment.number, repeated=False,
                        changed=was_voted)  # fmt: skip


def _again(found: Any, cast: Cast) -> Acknowledged:
    """``found``: the assignment, and the vote that this key came with before."""
    if (
        found.assignment_id != found.id
        or found.answers != cast.answers
        or found.action == Action.WITHDRAWN
    ):
        raise KeyReusedError("this key was sent before with another vote; a new vote needs a key "
                             "of its own")  # fmt: skip
    return Acknowledged(assignment=cast.assignment, number=found.number, repeated=True,
                        changed=found.action == Action.CHANGED)  # fmt: skip


def _insert(
    connection: Connection, rater: int, assignment: int, cast: Cast, action: Action, now_ms: int
) -> int:
    values = {
        "assignment_id": assignment, "rater_id": rater, "key": cast.key, "action": int(action),
        "answers": cast.answers, "seconds": cast.seconds, "conditions": cast.conditions,
        "at_ms": now_ms,
    }  # fmt: skip
    key = connection.execute(VOTE.insert(), values).inserted_primary_key
    assert key is not None
    return int(key[0])


_LATEST = (
    select(
        ASSIGNMENT.c.id, ASSIGNMENT.c.public_id, ASSIGNMENT.c.image_id, ASSIGNMENT.c.kind,
        ASSIGNMENT.c.number, ASSIGNMENT.c.vote_id, IMAGE.c.public_id.label("image"),
    )
    .join(IMAGE, IMAGE.c.id == ASSIGNMENT.c.image_id)
    .where(ASSIGNMENT.c.rater_id == bindparam("rater"), ASSIGNMENT.c.state == State.VOTED)
    .order_by(ASSIGNMENT.c.vote_id.desc())
    .limit(1)
)  # fmt: skip
_OF_KEY = (
    select(ASSIGNMENT.c.public_id, ASSIGNMENT.c.number, IMAGE.c.public_id.label("image"),
           VOTE.c.action, VOTE.c.answers)
    .join(ASSIGNMENT, ASSIGNMENT.c.id == VOTE.c.assignment_id)
    .join(IMAGE, IMAGE.c.id == ASSIGNMENT.c.image_id)
    .where(VOTE.c.rater_id == bindparam("rater"), VOTE.c.key == bindparam("key"))
)  # fmt: skip


def take_back(
    connection: Connection, rater: int, key: str, expires_ms: int, now_ms: int
) -> Assignment | None:
    """Withdraw the latest vote that stands; its image is open again, for this rater."""
    earlier = connection.execute(_OF_KEY, {"rater": rater, "key": key}).one_or_none()
    if earlier is not None:
        if earlier.action != Action.WITHDRAWN:
            raise KeyReusedError("this key was sent before with a vote; undoing needs its own")
        return _assignment(earlier)
    latest = connection.execute(_LATEST, {"rater": rater}).one_or_none()
    if latest is None:
        return None
    answers = connection.execute(
        select(VOTE.c.answers).where(VOTE.c.id == latest.vote_id)
    ).scalar_one()
    cast = Cast(assignment=latest.public_id, key=key, answers=answers, seconds=None,
                conditions=None)  # fmt: skip
    vote = _insert(connection, rater, latest.id, cast, Action.WITHDRAWN, now_ms)
    connection.execute(
        update(ASSIGNMENT)
        .where(ASSIGNMENT.c.id == latest.id)
        .values(state=int(State.OPEN), vote_id=vote, expires_ms=expires_ms)
    )
    if latest.kind == Kind.MAIN:  # still on the rater's screen: the load stays
        connection.execute(_COUNT, {"which": latest.image_id, "more": -1, "loaded": 0})
    return Assignment(id=latest.public_id, image=latest.image, number=latest.number,
                      answers=json.loads(answers))  # fmt: skip


def _assignment(row: Any) -> Assignment:
    return Assignment(id=row.public_id, image=row.image, number=row.number,
                      answers=json.loads(row.answers))  # fmt: skip
