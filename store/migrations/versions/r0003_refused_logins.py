"""Refused logins of known users, for help desks."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "refused_logins",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("protocol", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("app_password_id", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "user_id", "protocol", "client", "address", "reason", "app_password_id", name="pk_refused_logins"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_refused_logins_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_refused_logins_last_at", "refused_logins", ["last_at"])
