"""The group whose members have two-step verification, however its kind of group lists them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.directory.answers import NO_SUCH_OBJECT
from store.directory.unavailable import SyncStopped
from store.distinguished_name import normalise_dn, parse

if TYPE_CHECKING:
    from store.directory.connection import DirectoryConnection

# RFC 4519, sections 3.5 and 3.6; RFC 2307, section 4, for posixGroup.
_BY_DN = ("member", "uniqueMember")
_BY_UID = "memberUid"


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
    attributes = (*_BY_DN, _BY_UID)
    found = connection.search(dn, "BASE", "(objectClass=*)", attributes, harmless=(NO_SUCH_OBJECT,))
    if not found:
        raise SyncStopped(
            f"There is no group {dn}, or the service account may not read it. Nothing was changed. "
            "Check directory.mfa_group."
        )
    dns = (normalise_dn(value) for name in _BY_DN for value in found[0].texts(name))
    uids = (value.lower() for value in found[0].texts(_BY_UID))
    return Group(frozenset(dn for dn in dns if dn is not None), frozenset(uids))
