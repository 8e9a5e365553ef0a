"""Transactions on the store. Whatever keeps the store from deciding becomes one error, StoreUnavailable."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from store.connection_marks import CHANGED, WITHOUT_HASHES, WRITES
from store.sqlite import Sqlite
from store.unavailable import StoreUnavailable

__all__ = ["Database", "Nudges", "StoreUnavailable"]

_ALLOWED = (
    "Allowed are sqlite:////var/lib/wicketgate/wicketgate.db, with four slashes before the path, "
    "and postgresql://host1,host2/wicketgate."
)


class Nudges(Protocol):
    """Tells that there may be something new in the change feed. Nothing relies on it: nudges may be lost."""

    def wait(self, seconds: float) -> bool:
        """Block until a nudge comes or the time is over; whether one came. Raises nothing when the store is
        away: it goes on trying."""

    def close(self) -> None:
        """End a wait() that is under way in another thread, and those to come."""


class Kind(Protocol):
    """What each database does in its own way."""

    @property
    def engine(self) -> Engine:
        """Its connections. One with the option WRITES excludes all other writers, from BEGIN on.

        Each has HISTORY in its `info`.
        """

    def is_there(self) -> bool:
        """Whether there may be tables: without a file there are none."""

    def told(self, error: SQLAlchemyError) -> tuple[str, str]:
        """What happened, and what to do about it."""

    def prepared_for_upgrade(self) -> AbstractContextManager[None]:
        """Within it, there is something to write tables into. Raises StoreUnavailable."""

    def lift_limits(self, connection: Connection) -> None:
        """Give this transaction, which is to change tables, all the time that it takes."""

    def nudges(self) -> Nudges | None:
        """None where nothing can nudge."""


class Database:
    """The store behind a URL. One object serves any number of threads; close() it at the end.

    Opening does no I/O: a missing or damaged file shows at the first transaction, and so does a server that
    is down. A writer waits `busy_seconds` for another one before the store counts as unavailable. `announce`
    is called after each commit that has added to the change feed; it may not block or raise. Without `hashes`
    those of app passwords are never read; they are empty then.
    """

    def __init__(
        self,
        url: str,
        busy_seconds: float = 5.0,
        announce: Callable[[], None] = lambda: None,
        *,
        hashes: bool = True,
    ) -> None:
        self._announce = announce
        self._kind = _kind(url, busy_seconds)
        self._engine = self._kind.engine.execution_options(**{WITHOUT_HASHES: not hashes})
        self._writer = self._engine.execution_options(**{WRITES: True})

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment of the store. Raises StoreUnavailable."""
        with self._unavailable_told(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that excludes all other writers from its first statement on.

        It commits at the end of the block and rolls back when an exception leaves it. Raises
        StoreUnavailable; an IntegrityError passes, because a name that is taken is an answer.
        """
        changed = False
        with self._unavailable_told(), self._writer.connect() as connection:
            connection.info.pop(CHANGED, None)  # of a transaction that was rolled back
            with connection.begin():
                yield connection
                changed = connection.info.pop(CHANGED, False)
        if changed:
            self._announce()

    @contextmanager
    def upgrade(self) -> Iterator[Connection]:
        """A write() that may create the store and takes its time."""
        with self._kind.prepared_for_upgrade(), self.write() as connection:
            self._kind.lift_limits(connection)
            yield connection

    def is_there(self) -> bool:
        """Whether there may be tables: without a file there are none."""
        return self._kind.is_there()

    def nudges(self) -> Nudges | None:
        """What hastens whoever follows the change feed; None where the store has no such thing."""
        return self._kind.nudges()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._engine.dispose()

    @contextmanager
    def _unavailable_told(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            reason, advice = self._kind.told(error)
            raise StoreUnavailable(f"The store can't be used: {reason}. {advice}") from error
        except (ValueError, TypeError) as error:
            # A row whose time, network or state can't be read. The value stays out of the message.
            raise StoreUnavailable(
                "The store holds a value that can't be read. Restore a backup, or correct the row."
            ) from error


def _kind(url: str, busy_seconds: float) -> Kind:
    if url.startswith("postgresql://"):
        # A gateway on SQLite doesn't load the other driver, some 5 MB.
        from store.postgresql import PostgreSql

        return PostgreSql(url, busy_seconds)
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreUnavailable(f"The store's URL can't be read. {_ALLOWED}") from None
    if not Sqlite.is_file_url(parsed):
        raise StoreUnavailable(f"The store's URL names no database. {_ALLOWED}")
    return Sqlite(parsed, busy_seconds)
