"""One rater's data: a copy of all of it, and its deletion."""

import json
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from iae.study.clock import iso
from iae.study.raters import rater_key
from iae.study.schema import ASSIGNMENT, CONSENT, IMAGE, RATER, VOTE, Action, Kind, State


def data_of(connection: Connection, rater_id: str) -> dict[str, Any]:
    """Everything stored about one rater, as plain values for JSON.

    Raises:
        StudyError: there is no such rater.
    """
    key = rater_key(connection, rater_id)
    rater = connection.execute(select(RATER).where(RATER.c.id == key)).one()
    consents = connection.execute(select(CONSENT).where(CONSENT.c.rater_id == key)).all()
    shown = connection.execute(
        select(ASSIGNMENT, IMAGE.c.path)
        .join(IMAGE, IMAGE.c.id == ASSIGNMENT.c.image_id)
        .where(ASSIGNMENT.c.rater_id == key)
        .order_by(ASSIGNMENT.c.number)
    ).all()
    votes = connection.execute(
        select(VOTE, ASSIGNMENT.c.number)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == VOTE.c.assignment_id)
        .where(VOTE.c.rater_id == key)
        .order_by(VOTE.c.id)
    ).all()
    return {
        "rater": rater.public_id,
        "name": rater.name,
        "invited": iso(rater.created_ms),
        "expires": rater.expires_ms and iso(rater.expires_ms),
        "revoked": rater.revoked_ms and iso(rater.revoked_ms),
        "consents": [{"version": row.version, "at": iso(row.at_ms)} for row in consents],
        "images": [
            {"number": row.number, "image": row.path, "kind": Kind(row.kind).name.lower(),
             "shown": iso(row.given_ms)}
            for row in shown
        ],
        "votes": [
            {"number": row.number, "action": Action(row.action).name.lower(),
             "answers": json.loads(row.answers), "seconds": row.seconds,
             "conditions": row.conditions and json.loads(row.conditions), "at": iso(row.at_ms)}
            for row in votes
        ],
    }  # fmt: skip


_LESS = (
    update(IMAGE)
    .where(IMAGE.c.id == bindparam("which"))
    .values(votes=IMAGE.c.votes - bindparam("votes_less"), load=IMAGE.c.load - 1)
)


def forget(connection: Connection, rater_id: str) -> int:
    """Delete one rater and all of their votes; the images ask for other raters again.

    Args:
        connection: in a transaction beside which nothing is written.
        rater_id: the pseudonym.

    Returns:
        Votes of the history that were deleted.

    Raises:
        StudyError: there is no such rater.
    """
    key = rater_key(connection, rater_id)
    held = connection.execute(
        select(ASSIGNMENT.c.image_id, ASSIGNMENT.c.state)
        .where(ASSIGNMENT.c.rater_id == key, ASSIGNMENT.c.kind == Kind.MAIN,
               ASSIGNMENT.c.state != State.RELEASED)
    ).all()  # fmt: skip
    if held:
        connection.execute(
            _LESS,
            [{"which": row.image_id, "votes_less": int(row.state == State.VOTED)} for row in held],
        )
    deleted = connection.execute(delete(VOTE).where(VOTE.c.rater_id == key)).rowcount
    connection.execute(delete(ASSIGNMENT).where(ASSIGNMENT.c.rater_id == key))
    connection.execute(delete(CONSENT).where(CONSENT.c.rater_id == key))
    connection.execute(delete(RATER).where(RATER.c.id == key))
    return deleted
