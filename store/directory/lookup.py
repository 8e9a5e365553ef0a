"""Between logins and the directory's entries, one question at a time."""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from config import Backend, ConfigurationError, Problem, Settings
from store.directory.answers import INVALID_DN_SYNTAX, NO_SUCH_OBJECT, SIZE_LIMIT_EXCEEDED
from store.directory.filters import filter_for
from store.directory.unavailable import DirectoryUnavailable
from store.distinguished_name import DistinguishedName, normalise_dn, parse

if TYPE_CHECKING:
    from store.directory.connection import DirectoryConnection

Answer = TypeVar("Answer")


class Lookup:
    """Asks over one connection, which is kept. Any thread may ask; they take turns. close() it at the end.

    Opening does no I/O; it raises ConfigurationError when there can be no such base. Both questions raise
    DirectoryUnavailable.
    """

    def __init__(self, settings: Settings) -> None:
        self._backend = ldap_backend(settings)
        self._seconds = settings.limits.backend_seconds
        self._directory = settings.directory
        self._base = _base(settings.directory.search_base)
        self._lock = Lock()
        self._connection: DirectoryConnection | None = None

    def dn_of(self, login: str) -> str | None:
        """The normalised DN of the one entry that search_filter finds for a normalised login; else None."""
        filter = filter_for(self._directory.search_filter, login)
        if filter is None:
            return None
        found = self._asked(lambda connection: _at_most_two(connection, self._directory.search_base, filter))
        return normalise_dn(found[0]) if len(found) == 1 else None

    def login_of(self, dn: str) -> str | None:
        """The only value of login_attribute in the entry with this DN, still to be judged as a login.

        None where there is no such entry below search_base that matches sync_filter.
        """
        name = parse(dn)
        if name is None or not name.lies_below(self._base):
            return None
        filter, attribute = self._directory.sync_filter, self._directory.login_attribute
        values = self._asked(lambda connection: _values(connection, str(name), filter, attribute))
        return values[0] if len(values) == 1 else None

    def close(self) -> None:
        """Close the connection; the next question would open another."""
        with self._lock:
            self._drop()

    def _asked(self, question: Callable[["DirectoryConnection"], Answer]) -> Answer:
        with self._lock:
            if self._connection is not None:
                try:
                    return question(self._connection)
                except DirectoryUnavailable:
                    # It was idle, and the directory may have closed it: once more, on a new one.
                    self._drop()
            self._connection = _connect(self._backend, self._seconds)
            try:
                return question(self._connection)
            except DirectoryUnavailable:
                self._drop()
                raise

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _base(text: str) -> DistinguishedName:
    name = parse(text)
    if name is None:
        sentence = f'no entry here can have the DN "{text}"; write it without invisible characters'
        raise ConfigurationError([Problem("", "directory.search_base", sentence)])
    return name


def ldap_backend(settings: Settings) -> Backend:
    """The [[backend]] for ldap, without which nothing of [directory] that needs one is accepted."""
    return next(backend for backend in settings.backend if backend.protocol == "ldap")


def _connect(backend: Backend, seconds: float) -> "DirectoryConnection":
    from store.directory.opening import connect

    return connect(backend, seconds)


def _at_most_two(connection: "DirectoryConnection", base: str, filter: str) -> list[str]:
    """DNs. Two are enough to know that the filter names nobody."""
    found = connection.search(base, "SUBTREE", filter, (), size_limit=2, harmless=(SIZE_LIMIT_EXCEEDED,))
    return [entry.dn for entry in found]


def _values(connection: "DirectoryConnection", dn: str, filter: str, attribute: str) -> list[str]:
    nobody = (NO_SUCH_OBJECT, INVALID_DN_SYNTAX)
    found = connection.search(dn, "BASE", filter, (attribute,), harmless=nobody)
    return found[0].texts(attribute) if len(found) == 1 else []
