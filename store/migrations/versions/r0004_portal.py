"""What the portal remembers: sessions, second steps, recovery codes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    _sessions()
    _methods()
    _main_passwords()
    _app_passwords()
    _help_desk()
    _api()
    _notices()
    op.create_table(
        "second_step_failures",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_step_failures"),
        _of_user("second_step_failures"),
    )


def _sessions() -> None:
    op.create_table(
        "portal_sessions",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.Column("second_at", _TIME),
        sa.Column("form_token", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_portal_sessions"),
        _of_user("portal_sessions"),
    )
    op.create_index("ix_portal_sessions_user_id", "portal_sessions", ["user_id"])
    op.create_table(
        "portal_pending",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", "what", name="pk_portal_pending"),
        sa.ForeignKeyConstraint(
            ["digest"], ["portal_sessions.digest"], name="fk_portal_pending_digest", ondelete="CASCADE"
        ),
    )


def _methods() -> None:
    op.create_table(
        "authenticators",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("last_step", sa.Integer, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("last_used_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_authenticators"),
        _of_user("authenticators"),
    )
    op.create_index("ix_authenticators_user_id", "authenticators", ["user_id"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("credential_id", sa.LargeBinary, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("backed_up", sa.Boolean, nullable=False),
        sa.Column("transports", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("last_used_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
        _of_user("passkeys"),
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "digest", name="pk_recovery_codes"),
        _of_user("recovery_codes"),
    )


def _main_passwords() -> None:
    op.create_table(
        "main_password_failures",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_main_password_failures"),
    )
    op.create_index("ix_main_password_failures_since", "main_password_failures", ["since"])
    op.create_table(
        "main_passwords",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_main_passwords"),
        _of_user("main_passwords"),
    )


def _app_passwords() -> None:
    op.create_table(
        "portal_profiles",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("app_password_id", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_portal_profiles"),
        _of_user("portal_profiles"),
    )
    op.create_index("ix_portal_profiles_expires_at", "portal_profiles", ["expires_at"])
    op.create_table(
        "dismissed_devices",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "client", "address", name="pk_dismissed_devices"),
        _of_user("dismissed_devices"),
    )


def _help_desk() -> None:
    op.create_table(
        "portal_roles",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("domains", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_portal_roles"),
        _of_user("portal_roles"),
        sa.CheckConstraint(
            "role IN ('auditor', 'help-desk', 'administrator')", name=op.f("ck_portal_roles_role")
        ),
    )
    op.create_table(
        "enrolment_links",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("session", sa.LargeBinary),
        sa.PrimaryKeyConstraint("user_id", name="pk_enrolment_links"),
        sa.UniqueConstraint("digest", name="uq_enrolment_links_digest"),
        _of_user("enrolment_links"),
    )


def _api() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("domains", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME),
        sa.Column("last_used_at", _TIME),
        sa.PrimaryKeyConstraint("name", name="pk_api_tokens"),
        sa.UniqueConstraint("digest", name="uq_api_tokens_digest"),
    )


def _notices() -> None:
    op.create_index("ix_app_passwords_last_used_at", "app_passwords", ["last_used_at"])
    op.create_table(
        "notice_state",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("audit_id", sa.BigInteger, nullable=False),
        sa.Column("used_at", _TIME, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice_state"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_channel_next_at", "notices", ["channel", "next_at"])
    op.create_table(
        "mailed",
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("login", name="pk_mailed"),
    )
    op.create_table(
        "known_networks",
        sa.Column("app_password_id", sa.Text, nullable=False),
        sa.Column("network", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("app_password_id", "network", name="pk_known_networks"),
        sa.ForeignKeyConstraint(
            ["app_password_id"],
            ["app_passwords.id"],
            name="fk_known_networks_app_password_id",
            ondelete="CASCADE",
        ),
    )


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE")
