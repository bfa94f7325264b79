"""An image may turn out to be unreadable: its mark as gold becomes one of four roles."""

from alembic import op

revision = "002"
down_revision = "001"


def upgrade() -> None:
    """Rename the column; 0 and 1 mean what they meant, and indexes follow."""
    op.execute("ALTER TABLE image RENAME COLUMN gold TO role")
