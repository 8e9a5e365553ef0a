"""Failures of the second step in a row, accounts at the provider, and who has made a token."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Failures begin anew: those of before were counted for ten minutes each."""
    op.add_column("users", sa.Column("unlocks", sa.Integer, nullable=False, server_default="0"))
    op.drop_table("second_step_failures")
    op.create_table(
        "second_step_failures",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("latest_at", _TIME, nullable=False),
        sa.Column("told", sa.Integer, nullable=False),
        sa.Column("unlocks", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "kind", name="pk_second_step_failures"),
        _of_user("second_step_failures"),
    )
    op.create_table(
        "provider_accounts",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("pinned_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_provider_accounts"),
        sa.UniqueConstraint("issuer", "subject", name="uq_provider_accounts_issuer_subject"),
        _of_user("provider_accounts"),
    )
    # No foreign key: a token outlives its maker, and ids of users are never given twice.
    op.add_column("api_tokens", sa.Column("made_by", sa.Integer))


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE")
