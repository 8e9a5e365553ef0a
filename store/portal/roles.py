"""Roles: who may look after other users, and in which domains.

Only the command line grants them, so nobody can raise themselves by a page. Every function raises
StoreUnavailable when the store can't decide.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, delete, insert, select

from store import changes
from store.database import Database
from store.portal.schema import portal_roles
from store.schema import names


class Role(StrEnum):
    """Each may do what those before it may, and more."""

    AUDITOR = "auditor"
    HELP_DESK = "help-desk"
    ADMINISTRATOR = "administrator"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


@dataclass(frozen=True, slots=True)
class Held:
    """A role as somebody has it: in these domains, or in all where there are none."""

    role: Role
    domains: frozenset[str] = frozenset()

    def reaches(self, needed: Role) -> bool:
        """Whether it's this role or a higher one."""
        return self.role.rank >= needed.rank

    def covers(self, login: str) -> bool:
        """Whether the user is one of its domains'. For others the user isn't there at all."""
        return not self.domains or domain_of(login) in self.domains

    def may_act_on(self, other: "Held | None") -> bool:
        """Whether somebody's own role stands against it: a higher one, or one with domains besides ours.

        Otherwise whoever resets the second step of a more powerful user would be as powerful soon.
        """
        if other is None:
            return True
        return self.encloses(other) and self.reaches(other.role)

    def encloses(self, other: "Held") -> bool:
        """Whether all domains of the other role are among its own."""
        return not self.domains or (bool(other.domains) and other.domains <= self.domains)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a role."""

    login: str
    held: Held


def domain_of(login: str) -> str:
    """The mail domain of a normalised login; empty where it has none."""
    return login.rpartition("@")[2] if "@" in login else ""


def held(database: Database, user_id: int) -> Held | None:
    """The user's role."""
    statement = select(portal_roles).where(portal_roles.c.user_id == user_id)
    with database.read() as connection:
        row = connection.execute(statement).first()
    return _held(row.role, row.domains) if row is not None else None


def grant(database: Database, user_id: int, role: Role, domains: Iterable[str] = (), *, actor: str) -> bool:
    """Give the user this role, in the place of another; False without such a user. Domains are normalised."""
    scope = " ".join(sorted(set(domains)))
    with database.write() as connection:
        detail = f"{role} for {scope or 'all domains'}"
        if not changes.raise_version(connection, user_id, "role-granted", actor, detail):
            return False
        connection.execute(delete(portal_roles).where(portal_roles.c.user_id == user_id))
        connection.execute(insert(portal_roles).values(user_id=user_id, role=role.value, domains=scope))
        return True


def revoke(database: Database, user_id: int, *, actor: str) -> bool:
    """Take the user's role away; False when there is none."""
    with database.write() as connection:
        mine = portal_roles.c.user_id == user_id
        role = connection.execute(delete(portal_roles).where(mine).returning(portal_roles.c.role)).scalar()
        return role is not None and changes.raise_version(connection, user_id, "role-revoked", actor, role)


def holders(database: Database) -> list[Holder]:
    """All who have a role, in the order of their logins."""
    login = and_(names.c.user_id == portal_roles.c.user_id, names.c.rank == 0)
    statement = select(portal_roles, names.c.name).join(names, login)
    with database.read() as connection:
        rows = connection.execute(statement).all()
    return sorted((Holder(one.name, _held(one.role, one.domains)) for one in rows), key=lambda one: one.login)


def _held(role: str, domains: str) -> Held:
    return Held(Role(role), frozenset(domains.split()))
