"""When each app password was last used, kept in memory and written behind, many in one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

from sqlalchemy import bindparam, or_, update

from store.database import Database
from store.model import LastUse
from store.printable import printable
from store.schema import app_passwords

# Some 50 MB. Above it the longest-unused entries are given up: logins matter more than their traces.
MOST_REMEMBERED = 100_000
_LONGEST_TEXT = 200
# So many go into one transaction: those who delete an app password meanwhile needn't wait for all.
_MOST_AT_ONCE = 5000

_newer = or_(app_passwords.c.last_used_at.is_(None), app_passwords.c.last_used_at < bindparam("used_at"))
_STATEMENT = (
    update(app_passwords)
    .where(app_passwords.c.id == bindparam("app_password_id"), _newer)
    .values(
        last_used_at=bindparam("used_at"),
        last_used_protocol=bindparam("protocol"),
        last_used_address=bindparam("address"),
        last_used_client=bindparam("client"),
    )
)


class LastUsed:
    """The newest use of each app password. Any thread may note; flush() before the process ends."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._uses: dict[str, LastUse] = {}
        self._uses_lock = Lock()
        self._flush_lock = Lock()

    def note(self, app_password_id: str, use: LastUse) -> None:
        """Remember a use, unless a newer one is known. The client's words are cut to what prints."""
        shown = replace(use, client=printable(use.client, _LONGEST_TEXT)) if use.client else use
        with self._uses_lock:
            self._remember(app_password_id, shown)

    def flush(self) -> int:
        """Write what was noted and forget it; how many app passwords that were.

        Raises StoreUnavailable, and then keeps everything for the next flush.
        """
        with self._flush_lock:
            with self._uses_lock:
                uses, self._uses = self._uses, {}
            try:
                self._write(uses)
            except BaseException:
                with self._uses_lock:
                    newer, self._uses = self._uses, uses
                    for app_password_id, use in newer.items():
                        self._remember(app_password_id, use)
                raise
            return len(uses)

    def _remember(self, app_password_id: str, use: LastUse) -> None:
        known = self._uses.pop(app_password_id, use)
        self._uses[app_password_id] = max(known, use, key=lambda either: either.at)
        if len(self._uses) > MOST_REMEMBERED:
            del self._uses[next(iter(self._uses))]

    def _write(self, uses: dict[str, LastUse]) -> None:
        rows = [
            {
                "app_password_id": app_password_id,
                "used_at": use.at,
                "protocol": use.protocol,
                "address": use.address,
                "client": use.client,
            }
            for app_password_id, use in uses.items()
        ]
        for begin in range(0, len(rows), _MOST_AT_ONCE):
            self._write_some(rows[begin : begin + _MOST_AT_ONCE])

    def _write_some(self, rows: Sequence[dict[str, Any]]) -> None:
        with self._database.write() as connection:
            connection.execute(_STATEMENT, rows)
