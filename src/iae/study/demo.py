"""What a demonstration link gets: any images, and nothing is stored."""

import secrets

from sqlalchemy import Connection, select

from iae.study.errors import UnknownIdError
from iae.study.schema import IMAGE, Role
from iae.study.values import Assignment, Batch

_PREFIX = "demo."


def demo_images(connection: Connection, images: int, count: int) -> Batch:
    """A few images in a row, from a random place in the random order."""
    place = secrets.randbelow(max(images - count, 0) + 1)
    found = connection.execute(
        select(IMAGE.c.public_id)
        .where(IMAGE.c.role == Role.RATED, IMAGE.c.position >= place)
        .order_by(IMAGE.c.position)
        .limit(count)
    ).scalars()
    given = [Assignment(id=_PREFIX + image, image=image, number=number)
             for number, image in enumerate(found, 1)]  # fmt: skip
    return Batch(assignments=given, state="rating" if given else "done")


def check_demo(assignment: str) -> None:
    """Refuse a vote on what no demonstration handed out. Raises ``UnknownIdError``."""
    if not assignment.startswith(_PREFIX):
        raise UnknownIdError("this rater has no such assignment")
