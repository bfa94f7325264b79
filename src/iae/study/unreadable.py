"""Photos that turn out to be unreadable: marked, taken off every screen, and given to nobody.

The raters who had one get another; votes that were cast on it stay. Once the file is mended and
the mark taken off, it is an image like any other, and comes back to those who had it.
"""

from sqlalchemy import Connection, func, select, update

from iae.study.schema import ASSIGNMENT, IMAGE, SHOWN, Kind, Role, State

_BEHIND = Role.UNREADABLE - Role.RATED
"""From a role to that of the same image without a readable file."""


def mark_unreadable(connection: Connection, image_id: str) -> None:
    """Mark an image by its opaque id; one that is marked, or unknown, stays as it is.

    Args:
        connection: in a transaction beside which nothing is written.
        image_id: opaque id.
    """
    image = connection.execute(
        select(IMAGE.c.id).where(IMAGE.c.public_id == image_id, IMAGE.c.role.in_(SHOWN))
    ).scalar()
    if image is None:
        return
    is_open = (ASSIGNMENT.c.image_id == image) & (ASSIGNMENT.c.state == State.OPEN)
    held = connection.execute(
        select(func.count()).where(is_open, ASSIGNMENT.c.kind == Kind.MAIN)
    ).scalar_one()
    connection.execute(
        update(ASSIGNMENT).where(is_open).values(state=int(State.RELEASED), vote_id=None)
    )
    connection.execute(
        update(IMAGE)
        .where(IMAGE.c.id == image)
        .values(role=IMAGE.c.role + _BEHIND, load=IMAGE.c.load - held)
    )


def mark_readable(connection: Connection, image_id: str) -> None:
    """Take the mark off an image that has it."""
    connection.execute(
        update(IMAGE)
        .where(IMAGE.c.public_id == image_id, IMAGE.c.role.not_in(SHOWN))
        .values(role=IMAGE.c.role - _BEHIND)
    )


def unreadable(connection: Connection) -> dict[str, str]:
    """Opaque id -> path of the images that are marked, in the order of their paths."""
    rows = connection.execute(
        select(IMAGE.c.public_id, IMAGE.c.path)
        .where(IMAGE.c.role.not_in(SHOWN))
        .order_by(IMAGE.c.path)
    )
    return {row.public_id: row.path for row in rows}
