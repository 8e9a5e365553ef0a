"""The portal's tables, apart from those that the gateway reads: on PostgreSQL each has its own role."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from store.schema import UtcTime, metadata

# `digest` is that of the random id in the cookie: who reads this table can't take over a session. `stage` is
# how far its user has come, `second_at` when a second step was last done.
portal_sessions = Table(
    "portal_sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("stage", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("second_at", UtcTime),
    Column("form_token", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Index(None, "user_id"),
)

# What a session is in the middle of: a challenge, a secret that is not confirmed yet, an app password that
# will be shown once. Sealed with the portal's key, and taken out by the one request that it is for.
portal_pending = Table(
    "portal_pending",
    metadata,
    Column("digest", ForeignKey("portal_sessions.digest", ondelete="CASCADE"), primary_key=True),
    Column("what", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

# `last_step` is the time step of the last code that was taken, so that none is taken twice (RFC 6238,
# section 5.2).
authenticators = Table(
    "authenticators",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("last_step", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime),
    Index(None, "user_id"),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("credential_id", LargeBinary, nullable=False),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),  # 32 bits without a sign
    Column("backed_up", Boolean, nullable=False),
    Column("transports", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime),
    UniqueConstraint("credential_id"),
    Index(None, "user_id"),
)

# Each code is there until it's used: a row that can be deleted once is a code that works once.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("created_at", UtcTime, nullable=False),
)

# Wrong codes of a user in a row, over all sessions, for each kind of code. `told` is the count at which the
# user was told of them, `unlocks` that of the user when the first one came.
second_step_failures = Table(
    "second_step_failures",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("latest_at", UtcTime, nullable=False),
    Column("told", Integer, nullable=False),
    Column("unlocks", Integer, nullable=False),
)

# Which account at the OpenID Connect provider is the user's: the one that signed in first.
provider_accounts = Table(
    "provider_accounts",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("pinned_at", UtcTime, nullable=False),
    UniqueConstraint("issuer", "subject"),
)

# App passwords on their way to a phone, each for one link. `digest` is that of the link's random part, with
# which alone it can be opened.
portal_profiles = Table(
    "portal_profiles",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("app_password_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index(None, "expires_at"),
)

# Refused devices that their users don't want to see again unless they are refused once more. The refusals
# stay: help desks and administrators go by them.
dismissed_devices = Table(
    "dismissed_devices",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("client", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("at", UtcTime, nullable=False),
)

# Wrong main passwords in the present window. `key` is a keyed digest of whose and from where, so that the
# table tells nobody which names were tried.
main_password_failures = Table(
    "main_password_failures",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", UtcTime, nullable=False),
    Index(None, "since"),
)

# Only where main passwords are kept here, and nowhere else.
main_passwords = Table(
    "main_passwords",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)

# Who helps others, and with what. `domains` are mail domains, with spaces between; empty means all.
portal_roles = Table(
    "portal_roles",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("domains", Text, nullable=False),
    CheckConstraint("role IN ('auditor', 'help-desk', 'administrator')", name="role"),
)

# Whose second steps were reset: the link with which alone a new one can be registered. `digest` is that of
# its random part, `session` the one that has opened it. It stays when it has expired: the password alone must
# not do.
enrolment_links = Table(
    "enrolment_links",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("session", LargeBinary),
    UniqueConstraint("digest"),
)

# Programs that speak to the HTTP API. `digest` is that of the token, `domains` as those of roles. `made_by`
# is the id of the user who made it on a page; tokens of the command line have none.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("name", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("domains", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("last_used_at", UtcTime),
    Column("made_by", Integer),
    UniqueConstraint("digest"),
)

# How far the audit trail and the uses of app passwords were read for notices.
notice_state = Table(
    "notice_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("audit_id", BigInteger, nullable=False),
    Column("used_at", UtcTime, nullable=False),
)

# What is still to be told, each by one channel.
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("queued_at", UtcTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", UtcTime, nullable=False),
    Index(None, "channel", "next_at"),
    sqlite_autoincrement=True,  # who is slow mustn't mark another one as done
)

# When a user got the last mail.
mailed = Table(
    "mailed",
    metadata,
    Column("login", Text, primary_key=True),
    Column("at", UtcTime, nullable=False),
)

# From where an app password was used so far.
known_networks = Table(
    "known_networks",
    metadata,
    Column("app_password_id", ForeignKey("app_passwords.id", ondelete="CASCADE"), primary_key=True),
    Column("network", Text, primary_key=True),
)
