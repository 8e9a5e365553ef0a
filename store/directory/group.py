"""The group whose members have two-step verification, however its kind of group lists them.

Members of a group in it are members as well, at any depth. They are followed here rather than asked for by
Active Directory's matching rule (MS-ADTS, section 3.1.1.3.4.4.3), so that it's the same in all directories.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.directory.answers import (
    INSUFFICIENT_ACCESS,
    INVALID_DN_SYNTAX,
    NO_SUCH_OBJECT,
    REFERRAL,
    Entry,
)
from store.directory.unavailable import SyncStopped
from store.distinguished_name import DistinguishedName, normalise_dn, parse

if TYPE_CHECKING:
    from store.directory.connection import DirectoryConnection

# RFC 4519, sections 3.5 and 3.6; RFC 2307, section 4, for posixGroup.
_BY_DN = ("member", "uniqueMember")
_BY_UID = "memberUid"
_ALL = (*_BY_DN, _BY_UID)
_KINDS = ("groupOfNames", "groupOfUniqueNames", "groupOfMembers", "posixGroup", "group")
_GROUPS = f"(|{''.join(f'(objectClass={kind})' for kind in _KINDS)})"
_PAGE = 500
# Far more than anybody needs: groups in the group, and entries below which members lie.
_MOST_GROUPS = _MOST_PLACES = 1000
# A member that lies where the directory has or shows nothing is no group.
_NOTHING_THERE = (NO_SUCH_OBJECT, INVALID_DN_SYNTAX, INSUFFICIENT_ACCESS, REFERRAL)


@dataclass(frozen=True, slots=True)
class Group:
    """Normalised DNs of members, and uids of those whom the group knows by that alone."""

    dns: frozenset[str]
    uids: frozenset[str]

    def has(self, dn: str, uids: Iterable[str] = ()) -> bool | None:
        """Whether the entry with this DN is a member; None when its uid would have to be known for that.

        That is one of `uids` or in the entry's name.
        """
        name = parse(dn)
        if name is None:
            return None
        if str(name) in self.dns:
            return True
        known = {uid.lower() for uid in uids} | {str(ava.value) for ava in name.rdns[0] if ava.type == "uid"}
        return None if self.uids and not known else not known.isdisjoint(self.uids)


def read_group(connection: "DirectoryConnection", dn: str) -> Group:
    """Raises SyncStopped when there is no such group: that nobody is in it any more must not be concluded."""
    found = connection.search(dn, "BASE", "(objectClass=*)", _ALL, harmless=(NO_SUCH_OBJECT,))
    if not found:
        raise SyncStopped(
            f"There is no group {dn}, or the service account may not read it. Nothing was changed. "
            "Check directory.mfa_group."
        )
    return _Members(connection, dn).of(found[0])


class _Members:
    """Follows a group's members to those that are groups, each of them once."""

    def __init__(self, connection: "DirectoryConnection", dn: str) -> None:
        self._connection = connection
        self._dn = dn
        self._places: set[str] = set()  # where it was looked for groups
        self._groups: dict[str, str] = {}  # those that lie there, with the DN as the directory writes it

    def of(self, group: Entry) -> Group:
        dns: set[str] = set()
        uids: set[str] = set()
        followed = {normalise_dn(group.dn)}
        waiting = [group]
        while waiting:
            entry = waiting.pop()
            members = list(_members(entry))
            dns.update(map(str, members))
            uids.update(value.lower() for value in entry.texts(_BY_UID))
            for key in self._nested(members):
                if key not in followed:
                    followed.add(key)
                    self._refuse_more_than(_MOST_GROUPS, len(followed), "groups are in it")
                    waiting += self._read(self._groups[key])
        return Group(frozenset(dns), frozenset(uids))

    def _nested(self, members: Iterable[DistinguishedName]) -> Iterator[str]:
        for member in members:
            self._look_at(str(DistinguishedName(member.rdns[1:])))
            if str(member) in self._groups:
                yield str(member)

    def _look_at(self, place: str) -> None:
        """Find the groups right below an entry: one search rather than one for each member there."""
        if not place or place in self._places:
            return
        self._places.add(place)
        self._refuse_more_than(_MOST_PLACES, len(self._places), "places have members of it")
        pages = self._connection.pages(place, _GROUPS, (), _PAGE, scope="LEVEL", harmless=_NOTHING_THERE)
        for entry in pages:
            if (key := normalise_dn(entry.dn)) is not None:
                self._groups[key] = entry.dn

    def _read(self, dn: str) -> list[Entry]:
        return self._connection.search(dn, "BASE", _GROUPS, _ALL, harmless=_NOTHING_THERE)

    def _refuse_more_than(self, most: int, count: int, what: str) -> None:
        if count > most:
            raise SyncStopped(
                f"The group {self._dn} is too large to be followed: more than {most} {what}. Nothing was "
                "changed. Set directory.mfa_group to a group that lists its members, or use mfa_attribute."
            )


def _members(entry: Entry) -> Iterator[DistinguishedName]:
    for name in _BY_DN:
        for value in entry.texts(name):
            if (member := parse(value)) is not None:
                yield member
