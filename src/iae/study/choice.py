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
from collections.abc import Sequence

from sqlalchemy import Connection, and_, bindparam, exists, func, select
from sqlalchemy.sql import Select

from iae.study.schema import ASSIGNMENT, IMAGE, Kind, State
from iae.study.settings import StudySettings

EVENNESS = 2
"""Votes of two images never differ by more."""

_MINE = exists().where(
    ASSIGNMENT.c.image_id == IMAGE.c.id,
    ASSIGNMENT.c.rater_id == bindparam("rater"),
    ASSIGNMENT.c.kind == Kind.MAIN,
)
_LEAST_VOTES = select(func.min(IMAGE.c.votes)).where(IMAGE.c.gold == 0)
_LEAST_LOAD = select(func.min(IMAGE.c.load)).where(IMAGE.c.gold == 0)


def _at_load(*, behind: bool, in_block: bool) -> "Select[int]":
    """The first image of a load that the rater has not met, behind a place or before it."""
    place = IMAGE.c.position >= bindparam("place")
    statement = select(IMAGE.c.id).where(
        IMAGE.c.gold == 0, IMAGE.c.load == bindparam("load"), place if behind else ~place, ~_MINE
    )
    if in_block:
        statement = statement.where(IMAGE.c.block == bindparam("block"))
    return statement.order_by(IMAGE.c.position).limit(1)


_PICKS = {
    in_block: (_at_load(behind=True, in_block=in_block), _at_load(behind=False, in_block=in_block))
    for in_block in (False, True)
}


def limit(connection: Connection, settings: StudySettings) -> int:
    """Images of this load and more are not handed out now."""
    least = connection.execute(_LEAST_VOTES).scalar() or 0
    return min(settings.raters_per_image, least + EVENNESS)


def pick_main(
    connection: Connection, settings: StudySettings, images: int, rater: int, number: int
) -> int | None:
    """The next new image of a rater; None when there is none for them now.

    Args:
        connection: in a transaction beside which nothing is handed out.
        settings: of the study.
        images: how many the study has.
        rater: row of the rater.
        number: of the assignment in the rater's sequence; decides the draw, with the seed.
    """
    below = limit(connection, settings)
    least = connection.execute(_LEAST_LOAD).scalar()
    if least is None:
        return None
    values = {"rater": rater, "place": _draw(settings.seed, rater, number, images)}
    if settings.order.blocks != "none":
        block = _block(connection, rater)
        if block is not None:
            found = _first(connection, range(least, below), values | {"block": block}, True)
            if found is not None:
                return found
    return _first(connection, range(least, below), values, False)


def _first(
    connection: Connection, loads: Sequence[int], values: dict[str, int], in_block: bool
) -> int | None:
    for load in loads:
        for statement in _PICKS[in_block]:
            found = connection.execute(statement, values | {"load": load}).scalar()
            if found is not None:
                return int(found)
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
        IMAGE.c.gold == 0,
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
    select(ASSIGNMENT.c.image_id)
    .where(
        ASSIGNMENT.c.rater_id == bindparam("rater"),
        ASSIGNMENT.c.kind == Kind.MAIN,
        ASSIGNMENT.c.state == State.VOTED,
        ASSIGNMENT.c.number <= bindparam("latest"),
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
) -> int | None:
    """The rater's earliest image that has not come again and lies far enough back, or None."""
    latest = number - settings.order.repeat_gap
    return connection.execute(_REPEATABLE, {"rater": rater, "latest": latest}).scalar()


def pick_gold(
    connection: Connection, settings: StudySettings, rater: int, number: int
) -> int | None:
    """An image with a known answer that the rater has not met, or None."""
    met = exists().where(and_(ASSIGNMENT.c.image_id == IMAGE.c.id, ASSIGNMENT.c.rater_id == rater))
    left = (
        connection.execute(
            select(IMAGE.c.id).where(IMAGE.c.gold == 1, ~met).order_by(IMAGE.c.position)
        )
        .scalars()
        .all()
    )
    return left[_draw(settings.seed, rater, number, len(left))] if left else None
