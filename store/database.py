"""Transactions on the store. Whatever keeps the store from deciding becomes one error, StoreUnavailable."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from store import sqlite


class StoreUnavailable(Exception):
    """The store could not decide. The message says what happened and what to do next.

    It never means no: whoever asked gets a temporary answer.
    """


class Database:
    """The store behind a URL. One object serves any number of threads; close() it at the end.

    Opening does no I/O: a missing or damaged file shows at the first transaction. A writer waits
    `busy_seconds` for another one before the store counts as unavailable.
    """

    def __init__(self, url: str, busy_seconds: float = 5.0) -> None:
        self._engine = _engine(url, busy_seconds)
        self._writer = self._engine.execution_options(**{sqlite.WRITES: True})

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment of the store. Raises StoreUnavailable."""
        with _unavailable_told(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that excludes all other writers from its first statement on.

        It commits at the end of the block and rolls back when an exception leaves it. Raises
        StoreUnavailable; an IntegrityError passes, because a name that is taken is an answer.
        """
        with _unavailable_told(), self._writer.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._engine.dispose()


def _engine(url: str, busy_seconds: float) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreUnavailable(f"The store's URL can't be read. {sqlite.ALLOWED_URL}") from None
    if not sqlite.is_file_url(parsed):
        raise StoreUnavailable(f"The store's URL names no SQLite file. {sqlite.ALLOWED_URL}")
    return sqlite.open_engine(parsed, busy_seconds)


@contextmanager
def _unavailable_told() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        raise StoreUnavailable(_told(error)) from error
    except (ValueError, TypeError) as error:
        # A row whose time, network or state can't be read. The value stays out of the message.
        raise StoreUnavailable(
            "The store holds a value that can't be read. Restore a backup, or correct the row."
        ) from error


def _told(error: SQLAlchemyError) -> str:
    reason = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
    return f"The store can't be used: {reason}. {sqlite.advice(reason)}"
