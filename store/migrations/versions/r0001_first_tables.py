"""Users with their names, app passwords, the change feed, the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_time = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    _create_users()
    _create_app_passwords()
    _create_feeds()


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("mfa", sa.Text, nullable=False),
        sa.Column("grace_until", _time),
        sa.Column("blocked", sa.Boolean, nullable=False),
        sa.Column("backend_login", sa.Text),
        sa.Column("dn", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", _time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.CheckConstraint("mfa IN ('disabled', 'enabled', 'enforced')", name=op.f("ck_users_mfa")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "names",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_names"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_names_user_id", ondelete="CASCADE"),
        sa.UniqueConstraint("user_id", "rank", name="uq_names_user_id_rank"),
    )


def _create_app_passwords() -> None:
    op.create_table(
        "app_passwords",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("networks", sa.Text, nullable=False),
        sa.Column("tag", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("created_at", _time, nullable=False),
        sa.Column("expires_at", _time),
        sa.Column("deleted_at", _time),
        sa.Column("last_used_at", _time),
        sa.Column("last_used_protocol", sa.Text),
        sa.Column("last_used_address", sa.Text),
        sa.Column("last_used_client", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_app_passwords"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_app_passwords_user_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", "tag", name="uq_app_passwords_user_id_tag"),
    )


def _create_feeds() -> None:
    op.create_table(
        "changes",
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("at", _time, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_changes"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", _time, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_login", "audit", ["login"])
