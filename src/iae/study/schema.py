"""The tables of a study, as the newest migration leaves them.

Times are milliseconds since 1970 in UTC: the same number in every database. No column holds an
address on the network, the name of a browser, or a token.
"""

from enum import IntEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData()


class Kind(IntEnum):
    """Why an image is shown to a rater."""

    MAIN = 0
    REPEAT = 1
    """One of the rater's own earlier images."""
    GOLD = 2
    """An image with a known answer."""


class Role(IntEnum):
    """What an image is in the study."""

    RATED = 0
    """Votes on it are counted, and wanted until there are enough."""
    GOLD = 1
    """Its answers are known: outside of the count."""
    UNREADABLE = 2
    """To be rated, but its file turned out to be unreadable: given to nobody."""
    UNREADABLE_GOLD = 3


OF_STUDY = (Role.RATED, Role.UNREADABLE)
"""Roles of the images that the study is about: all but the gold ones."""
SHOWN = (Role.RATED, Role.GOLD)
"""Roles of the images that can be given to somebody."""


class State(IntEnum):
    """Where an assignment is."""

    OPEN = 0
    """Handed out, and kept for the rater."""
    VOTED = 1
    RELEASED = 2
    """Not rated in time: somebody else may have the image. A late vote is taken all the same."""


class Action(IntEnum):
    """What a row of the history did."""

    CAST = 0
    CHANGED = 1
    WITHDRAWN = 2


STUDY = Table(
    "study",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("created_ms", BigInteger, nullable=False),
    Column("photos", Text, nullable=False),
    # What may not change once there are votes, as JSON (see create.fixed_part).
    Column("fixed", Text, nullable=False),
)

IMAGE = Table(
    "image",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("path", Text, nullable=False, unique=True),
    Column("position", Integer, nullable=False),  # in one random order of all images
    Column("block", Integer, nullable=False),
    Column("role", Integer, nullable=False),
    Column("gold_answers", Text),
    Column("votes", Integer, nullable=False),  # first votes that stand; no repeats
    Column("load", Integer, nullable=False),  # votes and images handed out now
    Index("image_load", "role", "load", "position"),
    Index("image_votes", "role", "votes"),
    Index("image_block", "block", "load", "position"),
)

RATER = Table(
    "rater",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(16), nullable=False, unique=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("name", Text),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger),
    Column("revoked_ms", BigInteger),
    Column("demo", Boolean, nullable=False),
    Column("consent_version", Text),
    Column("given", Integer, nullable=False),  # assignments so far
)

CONSENT = Table(
    "consent",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("rater_id", Integer, ForeignKey("rater.id"), nullable=False, index=True),
    Column("version", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

ASSIGNMENT = Table(
    "assignment",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("rater_id", Integer, ForeignKey("rater.id"), nullable=False),
    Column("image_id", Integer, ForeignKey("image.id"), nullable=False),
    Column("kind", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    Column("given_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    # The vote that stands; of an open assignment the one that was taken back.
    Column("vote_id", Integer),
    Index("assignment_state", "rater_id", "state", "kind", "number"),
    Index("assignment_latest", "rater_id", "state", "vote_id"),
    Index("assignment_number", "rater_id", "number", unique=True),
    Index("assignment_expiry", "state", "expires_ms"),
    # Nobody meets an image twice, except as a planned repeat.
    Index("assignment_once", "image_id", "rater_id", "kind", unique=True),
)

VOTE = Table(
    "vote",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("assignment_id", Integer, ForeignKey("assignment.id"), nullable=False, index=True),
    Column("rater_id", Integer, ForeignKey("rater.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("action", Integer, nullable=False),
    Column("answers", Text, nullable=False),  # JSON
    Column("seconds", Float),
    Column("conditions", Text),  # JSON
    Column("at_ms", BigInteger, nullable=False),
    # Exactly once, whatever else goes wrong.
    Index("vote_key", "rater_id", "key", unique=True),
)
