"""Finding users by how their logins and aliases begin, a page at a time.

Every function raises StoreUnavailable when the store can't decide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from store.database import Database
from store.model import MfaState
from store.schema import names, users

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Found:
    """One name that fits, and whose it is. `name` is the login itself or an alias."""

    name: str
    user_id: int
    login: str
    mfa: MfaState
    blocked: bool
    disabled: bool


def search(
    database: Database, begins: str = "", domains: Iterable[str] = (), *, after: str = "", limit: int
) -> list[Found]:
    """Names that begin so, in their order, from the one after `after`; only users of these domains, if any.

    Without a beginning: all logins. The primary key of the names has this order already, so the database
    reads about as many rows as it gives.
    """
    # Without a beginning the names are logins themselves, and those of other domains are passed over quickly.
    login = names.alias("login") if begins else names
    statement = (
        select(names.c.name, users.c.id, login.c.name.label("login"), users.c.mfa)
        .add_columns(users.c.blocked, users.c.disabled)
        .join_from(names, users, users.c.id == names.c.user_id)
        .order_by(names.c.name)
        .limit(limit)
    )
    if begins:
        statement = statement.join(login, and_(login.c.user_id == names.c.user_id, login.c.rank == 0))
        statement = statement.where(names.c.name.startswith(begins, autoescape=True))
    else:
        statement = statement.where(names.c.rank == 0)
    if after:
        statement = statement.where(names.c.name > after)
    if scope := [login.c.name.endswith(f"@{domain}", autoescape=True) for domain in domains]:
        statement = statement.where(or_(*scope))
    with database.read() as connection:
        return [
            Found(row.name, row.id, row.login, MfaState(row.mfa), row.blocked, row.disabled)
            for row in connection.execute(statement)
        ]


def ids_of(database: Database, wanted: Sequence[str]) -> set[int]:
    """Of the users with these logins or aliases."""
    found: set[int] = set()
    with database.read() as connection:
        for begin in range(0, len(wanted), _AT_ONCE):
            some = names.c.name.in_(wanted[begin : begin + _AT_ONCE])
            found |= set(connection.execute(select(names.c.user_id).where(some)).scalars())
    return found
