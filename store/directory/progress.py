"""How far the sync has come, kept in the store: `serve` and the command line go on from there."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from config import Settings
from store.database import Database
from store.schema import directory_sync

# What changes neither who is found nor what is wanted of them.
_APART = {
    "remember_seconds",
    "sync_seconds",
    "full_sync_seconds",
    "page_size",
    "search_filter",
    "dn_template",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """`cursor` is a value of `counter` up to which all was seen; at `full_at` all entries were looked at."""

    scope: str
    counter: str
    cursor: str
    full_at: datetime


def scope_of(settings: Settings) -> str:
    """A name for what is asked and how it is read. After another one, all entries are looked at again."""
    asked = [
        settings.directory.model_dump(mode="json", exclude=_APART),
        settings.login.model_dump(mode="json"),
    ]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def progress(database: Database) -> Progress | None:
    """None before the first sync. Raises StoreUnavailable."""
    with database.read() as connection:
        row = connection.execute(select(directory_sync)).one_or_none()
    return None if row is None else Progress(row.scope, row.counter, row.cursor, row.full_at)


def remember(database: Database, made: Progress) -> None:
    """Raises StoreUnavailable."""
    row = {
        "id": 1,
        "scope": made.scope,
        "counter": made.counter,
        "cursor": made.cursor,
        "full_at": made.full_at,
    }
    with database.write() as connection:
        connection.execute(delete(directory_sync))
        connection.execute(insert(directory_sync).values(row))
