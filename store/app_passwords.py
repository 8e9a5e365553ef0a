"""App passwords: creating within the limit, listing, deleting into tombstones.

Every function raises StoreUnavailable when the store can't decide.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network

from sqlalchemy import Connection, func, insert, or_, select, update
from sqlalchemy import delete as delete_rows
from sqlalchemy.exc import IntegrityError

from config import ProtocolName
from store import changes, secret
from store.audit import with_reason
from store.database import Database, StoreUnavailable
from store.hashing import Argon2
from store.model import AppPassword
from store.pepper import Pepper
from store.rows import app_password_from, app_password_rows, app_password_values
from store.schema import app_passwords

_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_ID_SHAPE = re.compile(r"[a-z2-7]{8}")
_LONGEST_NAME = 64

# Each tombstone takes one of the user's 65,536 tags. Above this many the oldest are forgotten before
# their year is over, so that creating and deleting in a loop can't fill the store or use up the tags.
MOST_SPENT = 1000

# With that many taken one draw in sixty meets a tag in use, so a hundred in a row never do.
_MOST_DRAWS = 100


@dataclass(frozen=True, slots=True)
class LimitReached:
    """The user has as many live app passwords as allowed. Deleting one makes room."""

    limit: int


class InvalidName(Exception):
    """The name of an app password is empty, too long or holds control characters."""


class NoSuchUser(Exception):
    """The user was deleted in the meantime."""


def create(
    database: Database,
    pepper: Pepper,
    argon2: Argon2,
    user_id: int,
    name: str,
    scopes: Iterable[ProtocolName],
    networks: Iterable[IPv4Network | IPv6Network] = (),
    expires_at: datetime | None = None,
    *,
    limit: int,
    actor: str,
) -> tuple[AppPassword, str] | LimitReached:
    """Make an app password and return it with its secret, which is stored nowhere.

    It runs argon2, so call it where that may take its time. Raises InvalidName and NoSuchUser.
    """
    _check_name(name)
    granted, allowed = frozenset(scopes), tuple(networks)
    for _ in range(_MOST_DRAWS):
        made_secret = secret.generate()
        made = AppPassword(
            id="".join(secrets.choice(_ID_LETTERS) for _ in range(8)),
            user_id=user_id,
            name=name,
            scopes=granted,
            networks=allowed,
            tag=pepper.tag(user_id, made_secret),
            hash=argon2.hash(pepper.season(made_secret)),
            created_at=datetime.now(UTC),
            expires_at=expires_at,
            deleted_at=None,
            last_used=None,
        )
        try:
            return _store(database, made, limit, actor) or (made, made_secret)
        except IntegrityError:
            # Another app password of the user has this tag, or any has this id. So that one presented
            # secret never has two candidates, another one is drawn.
            continue
    raise StoreUnavailable("No free tag was found for the app password. Try again.")


def list_app_passwords(database: Database, user_id: int, deleted: bool = False) -> list[AppPassword]:
    """The user's app passwords, oldest first: those not deleted, or the tombstones."""
    wanted = app_passwords.c.deleted_at.is_not(None) if deleted else app_passwords.c.deleted_at.is_(None)
    with database.read() as connection:
        statement = app_password_rows(connection).where(app_passwords.c.user_id == user_id, wanted)
        rows = connection.execute(statement.order_by(app_passwords.c.created_at, app_passwords.c.id)).all()
        return [app_password_from(row) for row in rows]


def rename(database: Database, user_id: int, id: str, name: str, *, actor: str) -> bool:
    """Another name for a live one; False when the user has no such. Raises InvalidName."""
    _check_name(name)
    alive = (app_passwords.c.user_id == user_id, app_passwords.c.deleted_at.is_(None))
    statement = update(app_passwords).where(app_passwords.c.id == id, *alive).values(name=name)
    with database.write() as connection:
        found = bool(connection.execute(statement).rowcount)
        if found:
            changes.raise_version(connection, user_id, "app-password-renamed", actor, f"{id} {name}")
        return found


def delete(database: Database, user_id: int, id: str, *, actor: str) -> bool:
    """Turn one app password into a tombstone; False when the user has no such live one."""
    if not _ID_SHAPE.fullmatch(id):
        return False
    with database.write() as connection:
        found = _bury(connection, user_id, id)
        if found:
            changes.raise_version(connection, user_id, "app-password-deleted", actor, id)
        return bool(found)


def delete_all(database: Database, user_id: int, *, actor: str, reason: str = "") -> int:
    """Turn all of the user's app passwords into tombstones; how many that were."""
    with database.write() as connection:
        found = _bury(connection, user_id)
        if found:
            detail = with_reason(f"{found} deleted", reason)
            changes.raise_version(connection, user_id, "app-passwords-deleted", actor, detail)
        return found


def replace_hash(database: Database, id: str, old_hash: str, new_hash: str) -> bool:
    """Store the hash of the same secret at another cost, unless somebody did so before.

    Nothing that a login depends on changes, so neither does the user's version.
    """
    same = (app_passwords.c.id == id, app_passwords.c.hash == old_hash)
    with database.write() as connection:
        return bool(connection.execute(update(app_passwords).where(*same).values(hash=new_hash)).rowcount)


def forget_tombstones(database: Database, older_than: datetime) -> int:
    """Remove the tombstones of app passwords that were deleted before that time; how many that were."""
    old = app_passwords.c.deleted_at < older_than
    with database.write() as connection:
        return connection.execute(delete_rows(app_passwords).where(old)).rowcount


def _check_name(name: str) -> None:
    controls = any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in name)
    if controls or not name.strip() or len(name) > _LONGEST_NAME:
        raise InvalidName(
            f"An app password's name has 1 to {_LONGEST_NAME} characters and no control characters. "
            "Choose another name, such as the device's."
        )


def _store(database: Database, made: AppPassword, limit: int, actor: str) -> LimitReached | None:
    with database.write() as connection:
        if _count_live(connection, made) >= limit:
            return LimitReached(limit)
        detail = f"{made.id} {made.name} for {' '.join(sorted(made.scopes))}"
        if not changes.raise_version(connection, made.user_id, "app-password-created", actor, detail):
            raise NoSuchUser("This user was deleted. List the users and try again.")
        connection.execute(insert(app_passwords).values(app_password_values(made)))
        _forget_oldest_spent(connection, made)
    return None


def _count_live(connection: Connection, made: AppPassword) -> int:
    unexpired = or_(app_passwords.c.expires_at.is_(None), app_passwords.c.expires_at > made.created_at)
    live = (app_passwords.c.user_id == made.user_id, app_passwords.c.deleted_at.is_(None), unexpired)
    return connection.execute(select(func.count()).select_from(app_passwords).where(*live)).scalar_one()


def _forget_oldest_spent(connection: Connection, made: AppPassword) -> None:
    ended = func.coalesce(app_passwords.c.deleted_at, app_passwords.c.expires_at)
    spent = (app_passwords.c.user_id == made.user_id, ended <= made.created_at)
    oldest = select(app_passwords.c.id).where(*spent).order_by(ended.desc()).offset(MOST_SPENT)
    connection.execute(delete_rows(app_passwords).where(app_passwords.c.id.in_(oldest)))


def _bury(connection: Connection, user_id: int, id: str | None = None) -> int:
    alive = update(app_passwords).where(
        app_passwords.c.user_id == user_id, app_passwords.c.deleted_at.is_(None)
    )
    if id is not None:
        alive = alive.where(app_passwords.c.id == id)
    return connection.execute(alive.values(deleted_at=datetime.now(UTC))).rowcount
