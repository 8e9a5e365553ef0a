"""The tables, as the newest migration leaves them. The words in them are the same on every database."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC. SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware time into UTC; a time without a zone is a ValueError."""
        if value is not None and value.tzinfo is None:
            raise ValueError("A time without a zone can't be stored.")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time back as an aware one in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# `dn` is the DN as it was given, `dn_key` the same normalised. `directory_id` is the entry's own identity,
# which a renamed entry keeps. `blocked` is the administrator's word, and `disabled` the directory's.
# `unlocks` is how often the user was unlocked: what the portal has counted before the last time is void. It
# stands here because commands unlock too, and may not have a right to the portal's tables.
#
# AUTOINCREMENT: SQLite would otherwise give the id of a deleted user to the next one, and with it
# whatever somebody still remembers under that id.
users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mfa", Text, nullable=False),
    Column("grace_until", UtcTime),
    Column("blocked", Boolean, nullable=False),
    Column("backend_login", Text),
    Column("dn", Text),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("dn_key", Text),
    Column("directory_id", Text),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("unlocks", Integer, nullable=False, server_default="0"),
    Index(None, "dn_key", unique=True),
    Index(None, "directory_id", unique=True),
    CheckConstraint("mfa IN ('disabled', 'enabled', 'enforced')", name="mfa"),
    sqlite_autoincrement=True,
)

# Logins and aliases in one table, so that the database itself keeps them apart. Rank 0 is the login. By its
# skeleton and its domain a name is found that another spelling may stand for (store/skeleton.py).
names = Table(
    "names",
    metadata,
    Column("name", Text, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("skeleton", Text, nullable=False),
    Column("domain", Text, nullable=False),
    UniqueConstraint("user_id", "rank"),
    Index(None, "skeleton", "domain"),
)

app_passwords = Table(
    "app_passwords",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("networks", Text, nullable=False),
    Column("tag", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("deleted_at", UtcTime),
    Column("last_used_at", UtcTime),
    Column("last_used_protocol", Text),
    Column("last_used_address", Text),
    Column("last_used_client", Text),
    Index(None, "last_used_at"),
    UniqueConstraint("user_id", "tag"),
)

# No foreign key: the row that says that a user was deleted outlives the user.
changes = Table(
    "changes",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("user_id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "login"),
    sqlite_autoincrement=True,
)

# How far the directory sync has come, in one row. `scope` tells what was asked for, and `counter` which of
# the directory's counters `cursor` is a value of: where one of them differs, everything is looked at again.
directory_sync = Table(
    "directory_sync",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("counter", Text, nullable=False),
    Column("cursor", Text, nullable=False),
    Column("full_at", UtcTime, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

# Which devices of a user are refused, and why. `app_password_id` is empty where none matched: no part of a
# key can be NULL.
refused_logins = Table(
    "refused_logins",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("protocol", Text, primary_key=True),
    Column("client", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("app_password_id", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Index(None, "last_at"),
)
