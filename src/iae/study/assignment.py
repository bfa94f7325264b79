"""Handing out images: reservations that outlive a reload and not a rater who left."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from iae.study.choice import is_wanted, limit, pick_gold, pick_main, pick_repeat
from iae.study.errors import UnknownTokenError
from iae.study.schema import ASSIGNMENT, IMAGE, RATER, VOTE, Kind, State
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
    """What a rater has open, filled up to ``count``.

    Args:
        connection: in a transaction beside which nothing else is handed out.
        desk: the study.
        rater: row of the rater.
        count: images wanted.
    """
    # In this order: votes lock an assignment and then its image, and so does this.
    _renew(connection, desk, rater)
    _release(connection, desk.now_ms, but_not_of=rater)
    found, _ = open_assignments(connection, rater)
    state: RaterState = "rating"
    while len(found) < count:
        given = _reopen(connection, desk, rater) or _hand_new(connection, desk, rater)
        if given is None and not found:
            # Only for somebody who would have to wait: others' images come back in good time.
            if _release(connection, desk.now_ms + desk.lease_ms - _GONE_AFTER_MS, rater):
                continue
            state = "waiting" if is_wanted(connection, desk.settings, rater) else "done"
        if given is None:
            break
        found.append(given)
    return Batch(assignments=sorted(found, key=lambda a: a.number), state=state)


_EXPIRED = (
    select(ASSIGNMENT.c.id, ASSIGNMENT.c.image_id, ASSIGNMENT.c.kind)
    .where(
        ASSIGNMENT.c.state == State.OPEN,
        ASSIGNMENT.c.expires_ms < bindparam("before"),
        ASSIGNMENT.c.rater_id != bindparam("rater"),
    )
    .limit(_AT_ONCE)
    # A vote that is being stored has locked its row: it is no reservation to release any more.
    .with_for_update(skip_locked=True)
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


def _renew(connection: Connection, desk: Desk, rater: int) -> None:
    expires = desk.now_ms + desk.lease_ms
    connection.execute(
        update(ASSIGNMENT)
        .where(ASSIGNMENT.c.rater_id == rater, ASSIGNMENT.c.state == State.OPEN,
               ASSIGNMENT.c.expires_ms <= expires - _RENEW_AFTER_MS)
        .values(expires_ms=expires)
    )  # fmt: skip


_RELEASED = (
    select(ASSIGNMENT.c.id, ASSIGNMENT.c.public_id, ASSIGNMENT.c.number, ASSIGNMENT.c.kind,
           ASSIGNMENT.c.image_id, IMAGE.c.public_id.label("image"))
    .join(IMAGE, IMAGE.c.id == ASSIGNMENT.c.image_id)
    .where(ASSIGNMENT.c.rater_id == bindparam("rater"), ASSIGNMENT.c.state == State.RELEASED,
           (ASSIGNMENT.c.kind != Kind.MAIN) | (IMAGE.c.load < bindparam("below")))
    .order_by(_IN_ORDER)
    .limit(1)
    .with_for_update(of=ASSIGNMENT, skip_locked=True)
)  # fmt: skip


def _reopen(connection: Connection, desk: Desk, rater: int) -> Assignment | None:
    """An image the rater had before and did not rate in time, if it still needs a vote."""
    row = connection.execute(
        _RELEASED, {"rater": rater, "below": limit(connection, desk.settings)}
    ).one_or_none()
    if row is None:
        return None
    connection.execute(
        update(ASSIGNMENT)
        .where(ASSIGNMENT.c.id == row.id)
        .values(state=int(State.OPEN), expires_ms=desk.now_ms + desk.lease_ms)
    )
    if row.kind == Kind.MAIN:
        _load(connection, row.image_id)
    return Assignment(id=row.public_id, image=row.image, number=row.number)


def _load(connection: Connection, image: int) -> None:
    connection.execute(update(IMAGE).where(IMAGE.c.id == image).values(load=IMAGE.c.load + 1))


def _hand_new(connection: Connection, desk: Desk, rater: int) -> Assignment | None:
    given = connection.execute(select(RATER.c.given).where(RATER.c.id == rater)).scalar()
    if given is None:
        raise UnknownTokenError("this rater's data was deleted")
    number = given + 1
    kind, image = _choose(connection, desk, rater, number)
    if image is None:
        return None
    public_id = opaque_id()
    connection.execute(
        ASSIGNMENT.insert().values(
            public_id=public_id, rater_id=rater, image_id=image, kind=int(kind), number=number,
            state=int(State.OPEN), given_ms=desk.now_ms, expires_ms=desk.now_ms + desk.lease_ms,
        )
    )  # fmt: skip
    connection.execute(update(RATER).where(RATER.c.id == rater).values(given=number))
    if kind == Kind.MAIN:
        _load(connection, image)
    image_id = connection.execute(
        select(IMAGE.c.public_id).where(IMAGE.c.id == image)
    ).scalar_one()  # fmt: skip
    return Assignment(id=public_id, image=image_id, number=number)


def _choose(connection: Connection, desk: Desk, rater: int, number: int) -> tuple[Kind, int | None]:
    """What comes at a place of a rater's sequence: gold, a repeat, or else a new image."""
    order = desk.settings.order
    if order.gold_every and number % order.gold_every == 0:
        image = pick_gold(connection, desk.settings, rater, number)
        if image is not None:
            return Kind.GOLD, image
    if order.repeat_every and number % order.repeat_every == 0:
        image = pick_repeat(connection, desk.settings, rater, number)
        if image is not None:
            return Kind.REPEAT, image
    image = pick_main(connection, desk.settings, desk.images, rater, number)
    return Kind.MAIN, image
