"""The main password, checked by binding as the user at the directory."""

from dataclasses import dataclass

from config import Backend
from portal.state import CannotCheck
from store.directory import DirectoryUnavailable, Lookup
from store.distinguished_name import Template
from store.model import User


@dataclass(frozen=True, slots=True)
class ByLdap:
    """The user's entry is the DN in the store, else the template's, else the one that a search finds."""

    backend: Backend
    template: Template | None
    lookup: Lookup | None
    seconds: float

    def are_right(self, name: str, user: User | None, password: str) -> bool:
        """Whether the directory takes the password for the user's entry. Raises CannotCheck."""
        from store.directory.opening import is_right  # ldap3 takes 16 MB

        try:
            dn = self._dn(user.login if user is not None else name, user.dn if user is not None else None)
            return dn is not None and is_right(self.backend, dn, password, self.seconds)
        except DirectoryUnavailable as error:
            raise CannotCheck(str(error)) from None

    def _dn(self, login: str, known: str | None) -> str | None:
        if known is not None:
            return known
        dn = self.template.dn(login) if self.template is not None else None
        return self.lookup.dn_of(login) if dn is None and self.lookup is not None else dn
