"""Which image comes next: evenly over the images, at random for the rater.

With v(i) the votes on image i, and load(i) those and the raters who have it on their screens: an
image is handed out only while ``load(i) < min v + 2`` (and below the wanted number of votes).
Votes are never more than load, and the least number of votes only grows: so the votes of any two
images never differ by more than two, whoever comes, goes or is slow. Of the images that may be
handed out, those of the least load come first.

Random: all images lie in one random order; a rater gets the first suitable one behind a place
that is drawn anew each time. One look into an index, not a sort of all images.
"""

import hashlib

from sqlalchemy import Connection, bindparam, exists, func, select
from sqlalchemy.sql import Select

from iae.study.schema import ASSIGNMENT, IMAGE, SHOWN, Kind, Role, State
from iae.study.settings import StudySettings

EVENNESS = 2
"""Votes of two images never differ by more."""

_MINE = exists().where(
    ASSIGNMENT.c.image_id == IMAGE.c.id,
    ASSIGNMENT.c.rater_id == bindparam("rater"),
    ASSIGNMENT.c.kind == Kind.MAIN,
)
_LEAST_VOTES = select(func.min(IMAGE.c.votes)).where(IMAGE.c.role == Role.RATED)
_LEAST_LOAD = select(func.min(IMAGE.c.load)).where(IMAGE.c.role == Role.RATED)


def _at_load(*, behind: bool, in_block: bool) -> "Select[int, str]":
    """The first image of a load that the rater has not met, behind a place or before it."""
    place = IMAGE.c.position >= bindparam("place")
    statement = select(IMAGE.c.id, IMAGE.c.public_id).where(
        IMAGE.c.role == Role.RATED, IMAGE.c.load == bindparam("load"),
        place if behind else ~place, ~_MINE,
    )  # fmt: skip
    if in_block:
        statement = statement.where(IMAGE.c.block == bindparam("block"))
    return statement.order_by(IMAGE.c.position).limit(1)


_PICKS = {
    in_block: (_at_load(behind=True, in_block=in_block), _at_load(behind=False, in_block=in_block))
    for in_block in (False, True)
}


def open_loads(connection: Connection, settings: StudySettings) -> range:
    """Loads of the images that are handed out now, the least first; none without images."""
    least_votes = connection.execute(_LEAST_VOTES).scalar()
    if least_votes is None:
        return range(0)
    least_load = connection.execute(_LEAST_LOAD).scalar_one()
    return range(least_load, min(settings.raters_per_image, least_votes + EVENNESS))


Picked = tuple[int, str]
"""Row and opaque id of an image."""


def pick_main(
    connection: Connection, settings: StudySettings, images: int, loads: range, rater: int,
    number: int,
) -> Picked | None:  # fmt: skip
    """The next new image of a rater; None when there is none for them now.

    Args:
        connection: in a transaction beside which nothing is handed out.
        settings: of the study.
        images: how many the study has.
        loads: from :func:`open_loads`; what was handed to this rater since changes nothing.
        rater: row of the rater.
        number: of the assignment in the rater's sequence; decides the draw, with the seed.
    """
    values = {"rater": rater, "place": _draw(settings.seed, rater, number, images)}
    if settings.order.blocks != "none":
        block = _block(connection, rater)
        if block is not None:
            found = _first(connection, loads, values | {"block": block}, True)
            if found is not None:
                return found
    return _first(connection, loads, values, False)


def _first(
    connection: Connection, loads: range, values: dict[str, int], in_block: bool
) -> Picked | None:
    for load in loads:
        for statement in _PICKS[in_block]:
            found = connection.execute(statement, values | {"load": load}).one_or_none()
            if found is not None:
                return found.id, found.public_id
    return None


def _draw(seed: int, rater: int, number: int, images: int) -> int:
    """A place in [0, images), the same on every machine."""
    digest = hashlib.blake2b(f"{seed}/{rater}/{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % max(images, 1)


_LAST_BLOCK = (
    select(IMAGE.c.block)
    .join(ASSIGNMENT, ASSIGNMENT.c.image_id == IMAGE.c.id)
    .where(ASSIGNMENT.c.rater_id == bindparam("rater"), ASSIGNMENT.c.kind == Kind.MAIN)
    .order_by(ASSIGNMENT.c.number.desc())
    .limit(1)
)


def _block(connection: Connection, rater: int) -> int | None:
    found = connection.execute(_LAST_BLOCK, {"rater": rater}).scalar()
    return None if found is None else int(found)


_WANTED = (
    select(IMAGE.c.id)
    .where(
        IMAGE.c.role == Role.RATED,
        IMAGE.c.votes < bindparam("target"),
        ~exists().where(
            ASSIGNMENT.c.image_id == IMAGE.c.id,
            ASSIGNMENT.c.rater_id == bindparam("rater"),
            ASSIGNMENT.c.kind == Kind.MAIN,
            ASSIGNMENT.c.state != State.RELEASED,
        ),
    )
    .limit(1)
)


def is_wanted(connection: Connection, settings: StudySettings, rater: int) -> bool:
    """Whether an image that the rater has not rated still needs a vote."""
    values = {"rater": rater, "target": settings.raters_per_image}
    return connection.execute(_WANTED, values).scalar() is not None


_OTHER = ASSIGNMENT.alias("other")
_REPEATABLE = (
    select(IMAGE.c.id, IMAGE.c.public_id)
    .select_from(ASSIGNMENT)
    .join(IMAGE, IMAGE.c.id == ASSIGNMENT.c.image_id)
    .where(
        ASSIGNMENT.c.rater_id == bindparam("rater"),
        ASSIGNMENT.c.kind == Kind.MAIN,
        ASSIGNMENT.c.state == State.VOTED,
        ASSIGNMENT.c.number <= bindparam("latest"),
        IMAGE.c.role.in_(SHOWN),
        ~exists().where(
            _OTHER.c.image_id == ASSIGNMENT.c.image_id,
            _OTHER.c.rater_id == ASSIGNMENT.c.rater_id,
            _OTHER.c.kind == Kind.REPEAT,
        ),
    )
    .order_by(ASSIGNMENT.c.number)
    .limit(1)
)


def pick_repeat(
    connection: Connection, settings: StudySettings, rater: int, number: int
) -> Picked | None:
    """The rater's earliest image that has not come again and lies far enough back, or None."""
    latest = number - settings.order.repeat_gap
    found = connection.execute(_REPEATABLE, {"rater": rater, "latest": latest}).one_or_none()
    return None if found is None else (found.id, found.public_id)


_GOLD_LEFT = (
    select(IMAGE.c.id, IMAGE.c.public_id)
    .where(
        IMAGE.c.role == Role.GOLD,
        ~exists().where(
            ASSIGNMENT.c.image_id == IMAGE.c.id, ASSIGNMENT.c.rater_id == bindparam("rater")
        ),
    )
    .order_by(IMAGE.c.position)
)


def pick_gold(
    connection: Connection, settings: StudySettings, rater: int, number: int
) -> Picked | None:
    """An image with a known answer that the rater has not met, or None."""
    left = connection.execute(_GOLD_LEFT, {"rater": rater}).all()
    if not left:
        return None
    found = left[_draw(settings.seed, rater, number, len(left))]
    return found.id, found.public_id
