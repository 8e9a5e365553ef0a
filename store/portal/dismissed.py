"""Refused devices that their users have dismissed: seen, and not worth showing until they fail again.

Every function raises StoreUnavailable when the store can't decide.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select

from store.database import Database
from store.portal.schema import dismissed_devices

_KEPT = timedelta(days=90)  # refusals are forgotten after that

Client = str
Address = str


def dismiss(database: Database, user_id: int, client: Client, address: Address) -> None:
    """Hide what has happened so far."""
    now, mine = datetime.now(UTC), dismissed_devices.c.user_id == user_id
    this = (dismissed_devices.c.client == client, dismissed_devices.c.address == address)
    row = {"user_id": user_id, "client": client, "address": address, "at": now}
    with database.write() as connection:
        connection.execute(delete(dismissed_devices).where(mine, dismissed_devices.c.at < now - _KEPT))
        connection.execute(delete(dismissed_devices).where(mine, *this))
        connection.execute(insert(dismissed_devices).values(row))


def dismissed(database: Database, user_id: int) -> Mapping[tuple[Client, Address], datetime]:
    """Which devices, and when."""
    statement = select(dismissed_devices).where(dismissed_devices.c.user_id == user_id)
    with database.read() as connection:
        return {(row.client, row.address): row.at for row in connection.execute(statement)}
