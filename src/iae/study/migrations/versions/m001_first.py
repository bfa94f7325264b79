"""The first schema.

Written out and not taken from ``schema.py``, which goes on changing while this step must not.
"""

import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "study",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("photos", sa.Text, nullable=False),
        sa.Column("fixed", sa.Text, nullable=False),
    )
    op.create_table(
        "image",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("public_id", sa.String(32), nullable=False, unique=True),
        sa.Column("path", sa.Text, nullable=False, unique=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("block", sa.Integer, nullable=False),
        sa.Column("gold", sa.Integer, nullable=False),
        sa.Column("gold_answers", sa.Text),
        sa.Column("votes", sa.Integer, nullable=False),
        sa.Column("load", sa.Integer, nullable=False),
    )
    op.create_index("image_load", "image", ["gold", "load", "position"])
    op.create_index("image_votes", "image", ["gold", "votes"])
    op.create_index("image_block", "image", ["block", "load", "position"])
    op.create_table(
        "rater",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.Text),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger),
        sa.Column("revoked_ms", sa.BigInteger),
        sa.Column("demo", sa.Boolean, nullable=False),
        sa.Column("consent_version", sa.Text),
        sa.Column("given", sa.Integer, nullable=False),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("rater_id", sa.Integer, sa.ForeignKey("rater.id"), nullable=False, index=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("public_id", sa.String(32), nullable=False, unique=True),
        sa.Column("rater_id", sa.Integer, sa.ForeignKey("rater.id"), nullable=False),
        sa.Column("image_id", sa.Integer, sa.ForeignKey("image.id"), nullable=False),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("given_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("vote_id", sa.Integer),
    )
    op.create_index("assignment_state", "assignment", ["rater_id", "state", "kind", "number"])
    op.create_index("assignment_latest", "assignment", ["rater_id", "state", "vote_id"])
    op.create_index("assignment_number", "assignment", ["rater_id", "number"], unique=True)
    op.create_index("assignment_expiry", "assignment", ["state", "expires_ms"])
    op.create_index("assignment_once", "assignment", ["image_id", "rater_id", "kind"], unique=True)
    op.create_table(
        "vote",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "assignment_id", sa.Integer, sa.ForeignKey("assignment.id"), nullable=False, index=True
        ),
        sa.Column("rater_id", sa.Integer, sa.ForeignKey("rater.id"), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("action", sa.Integer, nullable=False),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float),
        sa.Column("conditions", sa.Text),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("vote_key", "vote", ["rater_id", "key"], unique=True)
