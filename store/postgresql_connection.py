"""Connections to PostgreSQL that never hang: every wait for the server has an end, on our side too."""

import time
from threading import Lock
from typing import Any

import psycopg
from psycopg import conninfo
from psycopg.abc import RV, PQGen
from psycopg.errors import OperationalError

from store.unavailable import StoreUnavailable

_CONNECT_SECONDS = 3  # to each address of each host; libpq takes 2 at least
_PING_SECONDS = 2.0
# After an attempt that took long, those who come next are told the same for so long. Else a few threads that
# wait for a server that is silent would hold up everybody.
_SLOW_SECONDS, _PAUSE_SECONDS = 1.0, 1.0

_IF_NOT_IN_URL: dict[str, Any] = {
    "connect_timeout": _CONNECT_SECONDS,
    # A standby would show app passwords as alive that were deleted a moment ago, and takes no writes.
    "target_session_attrs": "read-write",
    "application_name": "wicketgate",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# What is no longer asked for ends at the server too. A gateway that is stopped in the middle of a transaction
# would otherwise keep all other writers out until it goes on.
_LIMITS = (
    "SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false),"
    " set_config('idle_in_transaction_session_timeout', %s, false)"
)


class PatientConnection(psycopg.Connection[Any]):
    """Its patience is `seconds`: a server that is silent for longer is given up, and the connection closed.

    The server's own time-outs don't serve where the server hangs, or the network swallows what it says.
    """

    seconds: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        if timeout is not None or self.seconds is None:
            return super().wait(gen, interval, timeout)
        until = time.monotonic() + self.seconds
        try:
            return super().wait(gen, interval, self.seconds)
        except OperationalError as error:
            if error.sqlstate is None and time.monotonic() >= until:
                self.pgconn.finish()
                raise OperationalError(f"no answer within {self.seconds:g} seconds") from None
            raise

    def ping(self) -> None:
        """Raises psycopg.Error when the server doesn't answer soon."""
        before, self.seconds = self.seconds, _PING_SECONDS
        try:
            self.execute("")
        finally:
            self.seconds = before

    def lift_limits(self) -> None:
        """Until the transaction ends, a statement may take its time."""
        self.execute("SET LOCAL statement_timeout = 0")
        self.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        self.seconds = None


class Connector:
    """Opens connections to the host among those of the URL that takes writes.

    A writer waits `busy_seconds` for a lock. Raises StoreUnavailable for what isn't a URL.
    """

    def __init__(self, url: str, busy_seconds: float) -> None:
        self._parameters = _parameters(url)
        self._busy_seconds = busy_seconds
        self._lock = Lock()
        self._pause_until = 0.0
        self._told = ""

    def connect(self) -> PatientConnection:
        """A connection that commits each statement by itself. Raises psycopg.Error."""
        with self._lock:
            if time.monotonic() < self._pause_until:
                raise OperationalError(self._told)
        began = time.monotonic()
        try:
            return self._opened()
        except psycopg.Error as error:
            if time.monotonic() - began > _SLOW_SECONDS:
                with self._lock:
                    self._pause_until, self._told = time.monotonic() + _PAUSE_SECONDS, str(error)
            raise

    def _opened(self) -> PatientConnection:
        connection = PatientConnection.connect(
            **self._parameters,
            autocommit=True,  # BEGIN is sent by whoever knows which
            prepare_threshold=None,  # a pooler in between would mix prepared statements up
        )
        connection.seconds = self._busy_seconds + 2
        busy = int(1000 * self._busy_seconds)
        limits = [f"{milliseconds}ms" for milliseconds in (busy, busy + 1000, 2 * busy)]
        try:
            connection.execute(_LIMITS, limits)
        except BaseException:
            connection.close()
            raise
        return connection


def _parameters(url: str) -> dict[str, Any]:
    try:
        given = conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        raise StoreUnavailable(
            "The store's URL can't be read. Write postgresql://host1,host2:5433/wicketgate?passfile=/path"
        ) from None
    return {**_IF_NOT_IN_URL, **given, "client_encoding": "UTF8"}
