"""Notices: since when each waits, and ids that never come twice on SQLite either."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What waits is kept. Gathering begins anew, as it remembers the networks of before from now on."""
    with op.batch_alter_table("notices") as table:
        table.add_column(sa.Column("queued_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE notices SET queued_at = at")
    with op.batch_alter_table("notices", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.alter_column("queued_at", nullable=False)
    op.execute("DELETE FROM notice_state")
    with op.batch_alter_table("notice_state") as table:
        table.drop_column("since")
