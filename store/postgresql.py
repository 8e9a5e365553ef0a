"""How a PostgreSQL server is used: writers one after the other, readers that see one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, SQLAlchemyError

from store.connection_marks import HISTORY, WRITES
from store.nudges import PostgreSqlNudges
from store.postgresql_connection import Connector, PatientConnection

_POOL_SIZE = 8

# The isolation level is the lowest on purpose: each statement sees what was committed before it, and nothing
# is committed once the lock is ours. A snapshot of the whole transaction would be as old as the wait for it.
# The lock's two numbers are "wicketgate" to this program and nothing to others.
_BEGIN_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(1464427367, 1)"
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

# Which cluster, which database in it, and which timeline: a promoted standby and a restored backup have a new
# one. It can't change under a connection that takes writes.
_HISTORY = (
    "SELECT concat_ws('/', system_identifier, oid, left(pg_walfile_name(pg_current_wal_lsn()), 8))"
    " FROM pg_control_system(), pg_database WHERE datname = current_database()"
)

_READ_ONLY = "25006"
_RIGHTS = "Give the role what docs/postgresql.md lists."
_SPACE = "Free space on the server's disk."
_LATER = "Try again; if it goes on, look at the server's log."
_BY_STATE = {
    "42P01": "Run `wicketgate db upgrade`.",
    "42703": "Run `wicketgate db upgrade`.",
    "42501": _RIGHTS,
    _READ_ONLY: "The server takes no writes. Is it a standby? Try again once one is promoted.",
    "53100": _SPACE,
    "53300": "Raise max_connections of the server, or use fewer gateways.",
    "55P03": "Another process holds it for long. Try again; then look for a running import or upgrade.",
    "40001": "Others wrote at the same time. Try again.",
    "40P01": "Others wrote at the same time. Try again.",
    "57014": "The server is overloaded. Try again; then look at its load.",
}
# A server that doesn't let us in tells no code through libpq.
_BY_TEXT = {
    "no password supplied": "Put the password in a file and name it in store.url with ?passfile=/path.",
    "authentication failed": "Check the role and the passfile in store.url, and the server's pg_hba.conf.",
    "no pg_hba.conf entry": "Let the gateway's address in by the server's pg_hba.conf.",
    "unexpected eof": _LATER,
    "certificate": "Check sslmode and sslrootcert in store.url, and the server's certificate.",
    "SSL": "Check sslmode and sslrootcert in store.url, and the server's certificate.",
    "session is read-only": "No host takes writes. Promote a standby, or start the primary.",
    "server is in hot standby mode": "No host takes writes. Promote a standby, or start the primary.",
    "does not exist": "Create the role and the database as docs/postgresql.md says, or correct store.url.",
    "too many": "Raise max_connections of the server, or use fewer gateways.",
    "TimeoutError": "Too many threads use it at once. Try again.",
    "resolve": "Correct the host in store.url, or look at the name server.",
    "no answer within": "Check that the server runs, and the network to it.",
    "timeout": "Check that the server runs, and the network to it.",
    "refused": "Check that the server runs, and the hosts and ports in store.url.",
}


# psycopg's words above one line for each host
_SEVERAL = "All failures were:"


class PostgreSql:
    """One server, or several of which one takes writes."""

    def __init__(self, url: str, busy_seconds: float) -> None:
        self._connector = Connector(url, busy_seconds)
        self.engine = _open_engine(self._connector, busy_seconds)

    def is_there(self) -> bool:
        """The database is created by the server's administrator."""
        return True

    def told(self, error: SQLAlchemyError) -> tuple[str, str]:
        """The server's or libpq's own text in one line, and what to do about it."""
        original = error.orig if isinstance(error, DBAPIError) else None
        state = original.sqlstate if isinstance(original, psycopg.Error) else None
        reason = _one_line(original) if original is not None else type(error).__name__
        if state in _BY_STATE:
            return reason, _BY_STATE[state]
        return reason, next((text for fragment, text in _BY_TEXT.items() if fragment in reason), _LATER)

    @contextmanager
    def prepared_for_upgrade(self) -> Iterator[None]:
        """The lock of the writers, which DDL respects too, keeps upgrades apart."""
        yield

    def lift_limits(self, connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, PatientConnection)
        driver.lift_limits()

    def nudges(self) -> PostgreSqlNudges:
        return PostgreSqlNudges(self._connector)


def _open_engine(connector: Connector, busy_seconds: float) -> Engine:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=connector.connect,
        pool_size=_POOL_SIZE,
        max_overflow=0,
        pool_timeout=2 * busy_seconds,
        hide_parameters=True,
        use_native_hstore=False,
    )
    event.listen(engine, "connect", _note_history)
    event.listen(engine, "checkout", _require_answer)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _leave_standby)
    return engine


def _note_history(connection: PatientConnection, record: Any) -> None:
    [record.info[HISTORY]] = connection.execute(_HISTORY).fetchall()[0]


def _require_answer(connection: PatientConnection, record: Any, proxy: Any) -> None:
    """A connection that broke while it lay in the pool is replaced, and with it all others of its age."""
    try:
        connection.ping()
    except psycopg.Error:
        raise InvalidatePoolError from None


def _leave_standby(context: ExceptionContext) -> None:
    """A server that takes no writes any more is left, for the one that does now."""
    if isinstance(context.original_exception, psycopg.errors.ReadOnlySqlTransaction):
        context.is_disconnect = True


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql(_BEGIN_WRITING if writes else _BEGIN_READING)


def _one_line(error: BaseException) -> str:
    # Only the first line of the server: DETAIL may hold what was to be written.
    primary = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    if primary is None and _SEVERAL in (text := str(error)):
        hosts = text.partition(_SEVERAL)[2].split("\n- host: ")[1:]
        primary = "; ".join(host.partition(": connection failed: ")[2] or host for host in hosts)
    return " ".join((primary or str(error)).split()).rstrip(".")
