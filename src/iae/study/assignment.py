"""Handing out images: reservations that outlive a reload and not a rater who left."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from iae.study.choice import Picked, is_wanted, open_loads, pick_gold, pick_main, pick_repeat
from iae.study.errors import UnknownTokenError
from iae.study.schema import ASSIGNMENT, IMAGE, RATER, SHOWN, VOTE, Kind, State
from iae.study.settings import StudySettings
from iae.study.tokens import opaque_id
from iae.study.values import Assignment, Batch
from iae.study.values import State as RaterState

_RENEW_AFTER_MS = 30_000
"""Reservations are renewed no more often; each time is a write."""
_GONE_AFTER_MS = 120_000
"""When nothing else is left, images of raters not heard of for so long are given away early."""
_AT_ONCE = 500
"""Reservations released in one go, so that no rater waits for a thousand of them."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What handing out needs to know."""

    settings: StudySettings
    images: int
    """Images of the study, gold ones not counted."""
    now_ms: int

    @property
    def lease_ms(self) -> int:
        """How long an image is kept."""
        return round(self.settings.lease_minutes * 60_000)


# A plain number would let SQLite go through all that the rater ever had, in its order (5 ms after
# 5,000 images), instead of sorting the few that are open.
_IN_ORDER = ASSIGNMENT.c.number + 0

_OPEN = (
    select(
        ASSIGNMENT.c.public_id, ASSIGNMENT.c.number, ASSIGNMENT.c.expires_ms,
        IMAGE.c.public_id.label("image"), VOTE.c.answers,
    )
    .join(IMAGE, IMAGE.c.id == ASSIGNMENT.c.image_id)
    .outerjoin(VOTE, VOTE.c.id == ASSIGNMENT.c.vote_id)
    .where(ASSIGNMENT.c.rater_id == bindparam("rater"), ASSIGNMENT.c.state == State.OPEN)
    .order_by(_IN_ORDER)
)  # fmt: skip


def open_assignments(connection: Connection, rater: int) -> tuple[list[Assignment], int]:
    """What a rater has been handed and not rated, and when the first of it expires (ms)."""
    rows = connection.execute(_OPEN, {"rater": rater}).all()
    found = [Assignment(id=row.public_id, image=row.image, number=row.number,
                        answers=row.answers and json.loads(row.answers))
             for row in rows]  # fmt: skip
    return found, min((row.expires_ms for row in rows), default=0)


def is_fresh(expires_ms: int, desk: Desk) -> bool:
    """Whether reservations need no renewing yet."""
    return expires_ms > desk.now_ms + desk.lease_ms - _RENEW_AFTER_MS


def hand_out(connection: Connection, desk: Desk, rater: int, count: int) -> Batch:
    """What a rater has open, filled up to ``count``; writes nothing while that is enough.

    Args:
        connection: in a transaction beside which nothing else is handed out.
        desk: the study.
        rater: row of the rater.
        count: images wanted.
    """
    found, expires_ms = open_assignments(connection, rater)
    if len(found) >= count and is_fresh(expires_ms, desk):
        return Batch(assignments=found[:count], state="rating")
    if found and not is_fresh(expires_ms, desk):
        _renew(connection, desk, rater)
    _release(connection, desk.now_ms, but_not_of=rater)
    state: RaterState = "rating"
    while len(found) < count:
        loads = open_loads(connection, desk.settings)
        found += _reopen(connection, desk, rater, loads, count - len(found))
        found += _hand_new(connection, desk, rater, loads, count - len(found))
        if found:
            break
        # Only for somebody who would have to wait: others' images come back in good time.
        if not _release(connection, desk.now_ms + desk.lease_ms - _GONE_AFTER_MS, rater):
            state = "waiting" if is_wanted(connection, desk.settings, rater) else "done"
            break
    return Batch(assignments=sorted(found, key=lambda a: a.number), state=state)


_EXPIRED = (
    select(ASSIGNMENT.c.id, ASSIGNMENT.c.image_id, ASSIGNMENT.c.kind)
    .where(
        ASSIGNMENT.c.state == State.OPEN,
        ASSIGNMENT.c.expires_ms < bindparam("before"),
        ASSIGNMENT.c.rater_id != bindparam("rater"),
    )
    .limit(_AT_ONCE)
)
_TO_RELEASED = (
    update(ASSIGNMENT)
    .where(ASSIGNMENT.c.id == bindparam("which"))
    .values(state=int(State.RELEASED), vote_id=None)
)
_UNLOAD = (
    update(IMAGE).where(IMAGE.c.id == bindparam("which")).values(load=IMAGE.c.load - 1)
)  # fmt: skip


def _release(connection: Connection, before_ms: int, but_not_of: int) -> int:
    """Take back images that were handed out and not rated in time; how many."""
    rows = connection.execute(_EXPIRED, {"before": before_ms, "rater": but_not_of}).all()
    if rows:
        connection.execute(_TO_RELEASED, [{"which": row.id} for row in rows])
        images = [{"which": row.image_id} for row in rows if row.kind == Kind.MAIN]
        if images:
            connection.execute(_UNLOAD, images)
    return len(rows)


_RENEW = (
    update(ASSIGNMENT)
    .where(ASSIGNMENT.c.rater_id == bindparam("rater"), ASSIGNMENT.c.state == State.OPEN)
    .values(expires_ms=bindparam("expires"))
)


def _renew(connection: Connection, desk: Desk, rater: int) -> None:
    connection.execute(_RENEW, {"rater": rater, "expires": desk.now_ms + desk.lease_ms})


_RELEASED = (
    select(ASSIGNMENT.c.id, ASSIGNMENT.c.public_id, ASSIGNMENT.c.number, ASSIGNMENT.c.kind,
           ASSIGNMENT.c.image_id, IMAGE.c.public_id.label("image"))
    .join(IMAGE, IMAGE.c.id == ASSIGNMENT.c.image_id)
    .where(ASSIGNMENT.c.rater_id == bindparam("rater"), ASSIGNMENT.c.state == State.RELEASED,
           IMAGE.c.role.in_(SHOWN),
           (ASSIGNMENT.c.kind != Kind.MAIN) | (IMAGE.c.load < bindparam("below")))
    .order_by(_IN_ORDER)
    .limit(bindparam("most"))
)  # fmt: skip
_TO_OPEN = (
    update(ASSIGNMENT)
    .where(ASSIGNMENT.c.id == bindparam("which"))
    .values(state=int(State.OPEN), expires_ms=bindparam("expires"))
)
_LOAD = (
    update(IMAGE).where(IMAGE.c.id == bindparam("which")).values(load=IMAGE.c.load + 1)
)  # fmt: skip


def _reopen(
    connection: Connection, desk: Desk, rater: int, loads: range, most: int
) -> list[Assignment]:
    """Images the rater had before and did not rate in time, if they still need a vote."""
    rows = connection.execute(_RELEASED, {"rater": rater, "below": loads.stop, "most": most}).all()
    expires = desk.now_ms + desk.lease_ms
    for row in rows:
        connection.execute(_TO_OPEN, {"which": row.id, "expires": expires})
        if row.kind == Kind.MAIN:
            connection.execute(_LOAD, {"which": row.image_id})
    return [Assignment(id=row.public_id, image=row.image, number=row.number) for row in rows]


_GIVEN = select(RATER.c.given).where(RATER.c.id == bindparam("rater"))
_TO_GIVEN = (
    update(RATER).where(RATER.c.id == bindparam("rater")).values(given=bindparam("number"))
)  # fmt: skip


def _hand_new(
    connection: Connection, desk: Desk, rater: int, loads: range, most: int
) -> list[Assignment]:
    """Images the rater has not had, up to so many."""
    number = connection.execute(_GIVEN, {"rater": rater}).scalar()
    if number is None:
        raise UnknownTokenError("this rater's data was deleted")
    given: list[Assignment] = []
    loaded: list[dict[str, int]] = []
    while len(given) < most:
        kind, picked = _choose(connection, desk, rater, loads, number + 1)
        if picked is None:
            break
        number += 1
        given.append(_hand(connection, desk, rater, kind, picked, number))
        if kind == Kind.MAIN:
            loaded.append({"which": picked[0]})
    if loaded:
        # Together, for each statement by itself is a wait for the database. It makes no difference
        # to the choice: an image is handed to a rater once, whatever its load.
        connection.execute(_LOAD, loaded)
    if given:
        connection.execute(_TO_GIVEN, {"rater": rater, "number": number})
    return given


def _hand(
    connection: Connection, desk: Desk, rater: int, kind: Kind, picked: Picked, number: int
) -> Assignment:
    image, shown = picked
    public_id = opaque_id()
    values = {
        "public_id": public_id, "rater_id": rater, "image_id": image, "kind": int(kind),
        "number": number, "state": int(State.OPEN), "given_ms": desk.now_ms,
        "expires_ms": desk.now_ms + desk.lease_ms,
    }  # fmt: skip
    connection.execute(ASSIGNMENT.insert(), values)
    return Assignment(id=public_id, image=shown, number=number)


def _choose(
    connection: Connection, desk: Desk, rater: int, loads: range, number: int
) -> tuple[Kind, Picked | None]:
    """What comes at a place of a rater's sequence: gold, a repeat, or else a new image."""
    order = desk.settings.order
    if order.gold_every and number % order.gold_every == 0:
        picked = pick_gold(connection, desk.settings, rater, number)
        if picked is not None:
            return Kind.GOLD, picked
    if order.repeat_every and number % order.repeat_every == 0:
        picked = pick_repeat(connection, desk.settings, rater, number)
        if picked is not None:
            return Kind.REPEAT, picked
    picked = pick_main(connection, desk.settings, desk.images, loads, rater, number)
    return Kind.MAIN, picked
