"""Which users a name that the store does not know could be, by other spellings and by a DN."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from store.database import Database
from store.schema import names, users
from store.skeleton import skeleton

_AT_ONCE = 100  # claims in one question


@dataclass(frozen=True, slots=True)
class Claim:
    """A normalised name with which a client logs in, and the normalised DNs that go with it, if any."""

    name: str
    dns: tuple[str, ...] = ()


def owners(database: Database, claims: Collection[Claim]) -> set[int]:
    """The ids of the users who have one of the names or DNs, or a name that looks like one of them.

    Raises StoreUnavailable.
    """
    found: set[int] = set()
    wanted = list(claims)
    with database.read() as connection:
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            for question in _questions(some):
                found |= set(connection.execute(question).scalars())
    return found


def _questions(claims: list[Claim]) -> list[Select[Any]]:
    alike = or_(*(_looks_like(claim.name) for claim in claims))
    dns = [dn for claim in claims for dn in claim.dns]
    by_name = select(names.c.user_id).where(alike)
    return [by_name, select(users.c.id).where(users.c.dn_key.in_(dns))] if dns else [by_name]


def _looks_like(name: str) -> ColumnElement[bool]:
    """A server that overlooks domains takes a name without one for the same name with any."""
    local, domain = skeleton(name)
    same = names.c.skeleton == local
    return and_(same, names.c.domain.in_((domain, ""))) if domain else same
