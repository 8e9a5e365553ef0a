"""The two kinds of users that the door lets in: with an app password, and with the main one."""

from dataclasses import dataclass

from tests.gateway.ldap.door import Door
from tests.gateway.people import Given
from tests.gateway.site import MAIN
from tests.servers.directory import person_dn

KINDS = ("admitted", "passed")


@dataclass(frozen=True, slots=True)
class Entrant:
    """A user in slapd and in the store. `secret` is what the door lets in."""

    kind: str
    name: str
    secret: str
    given: Given | None = None

    @property
    def dn(self) -> str:
        return person_dn(self.name)

    @property
    def who(self) -> tuple[str, str]:
        """As the clients of tests.servers want it."""
        return self.dn, self.secret


def admitted(door: Door, name: str) -> Entrant:
    """A new user with enforced two-step verification and an app password."""
    door.add(name, "enforced")
    given = door.give(name)
    return Entrant("admitted", name, given.secret, given)


def passed(door: Door, name: str) -> Entrant:
    """A new user without two-step verification, who has the main password alone."""
    door.add(name, "disabled")
    return Entrant("passed", name, MAIN)


def entrant_of(kind: str, door: Door) -> Entrant:
    """A new user of that kind, by a name that tells it."""
    return {"admitted": admitted, "passed": passed}[kind](door, kind)
