"""The demo's directory as a whole: which entries there are, and who may bind."""

import hmac
from collections.abc import Iterable

from gateway.demo.directory.attributes import prepared_whole
from gateway.demo.directory.entries import SERVICE_DN, Entry, surroundings
from store.distinguished_name import DistinguishedName, parse

BASE_OBJECT, SINGLE_LEVEL, WHOLE_SUBTREE = 0, 1, 2  # RFC 4511, section 4.5.1.2
ROOT = DistinguishedName(())


class Tree:
    """Made of users' entries, each with its main password, and of what they lie below.

    The gateway's own account binds with the shared password.
    """

    def __init__(self, people: Iterable[tuple[Entry, str]], shared_password: str) -> None:
        others = surroundings()
        known = list(people)
        self._entries = {one.dn: one for one in (*others, *(person for person, _ in known))}
        self._people = {person.dn: person for person, _ in known}
        self._service = parse(SERVICE_DN)
        self._passwords = {person.dn: password.encode() for person, password in known}
        self._passwords |= {one.dn: shared_password.encode() for one in others if self.is_service(one)}

    def entry(self, dn: DistinguishedName | None) -> Entry | None:
        return self._entries.get(dn) if dn is not None else None

    def is_service(self, entry: Entry | None) -> bool:
        """Whether it's the gateway's own account, which may act for every user."""
        return entry is not None and entry.dn == self._service

    def bound(self, dn: DistinguishedName, password: bytes) -> Entry | None:
        """Who binds with this name and this password; None if that's nobody."""
        known = self._passwords.get(dn)
        return self._entries[dn] if known is not None and hmac.compare_digest(known, password) else None

    def person(self, dn: DistinguishedName | None) -> Entry | None:
        """The user with this DN."""
        return self._people.get(dn) if dn is not None else None

    def person_called(self, name: bytes) -> Entry | None:
        """The user with this uid or mail address."""
        wanted = prepared_whole("uid", name)
        found = (
            one for one in self._people.values() if one.holds("uid", wanted) or one.holds("mail", wanted)
        )
        return next(found, None)

    def within(self, base: DistinguishedName, scope: int) -> list[Entry]:
        """The entries in a scope. Below the root, which is itself none of them, lies everything."""
        below = [one for one in self._entries.values() if base == ROOT or one.dn.lies_below(base)]
        if scope == BASE_OBJECT:
            return [one for one in below if one.dn == base]
        if scope == SINGLE_LEVEL:
            return [one for one in below if self._superior(one) == base]
        return below

    def _superior(self, entry: Entry) -> DistinguishedName:
        """That of the naming context is the root, however many RDNs it has."""
        above = DistinguishedName(entry.dn.rdns[1:])
        return above if above in self._entries else ROOT
