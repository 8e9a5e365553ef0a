"""One connection to the directory, bound as the service account. Whatever goes wrong is DirectoryUnavailable.

It goes to the addresses of [[backend]] and nowhere else: where a directory refers to another server, nobody
follows, so that the service account's password is shown to the directory alone (RFC 4511, section 4.1.10).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Literal

import ldap3

from store.directory.answers import NO_SUCH_OBJECT, REFERRAL, SUCCESS, Entry
from store.directory.unavailable import DirectoryUnavailable
from store.printable import printable

Scope = Literal["BASE", "LEVEL", "SUBTREE"]

_PLACE_IN_PYTHON = re.compile(r" \(_ssl\.c:[0-9]+\)")
_PAGED_RESULTS = "1.2.840.113556.1.4.319"  # RFC 2696


class DirectoryConnection:
    """Asks the directory. After DirectoryUnavailable it is of no use any more: close() it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def search(
        self,
        base: str,
        scope: Scope,
        filter: str,
        attributes: Sequence[str],
        *,
        size_limit: int = 0,
        harmless: Sequence[int] = (),
    ) -> list[Entry]:
        """The entries. A result code other than success or a `harmless` one is DirectoryUnavailable."""
        with trouble_told():
            self._ask(base, scope, filter, attributes, size_limit=size_limit)
            return self._found(base, harmless)

    def pages(
        self,
        base: str,
        filter: str,
        attributes: Sequence[str],
        page_size: int,
        *,
        scope: Scope = "SUBTREE",
        harmless: Sequence[int] = (),
    ) -> Iterator[Entry]:
        """All entries below `base`, page by page (RFC 2696); DirectoryUnavailable where it's not all.

        A `harmless` result code ends them.
        """
        cookie: bytes | None = None
        while True:
            with trouble_told():
                self._ask(base, scope, filter, attributes, paged_size=page_size, paged_cookie=cookie)
                found = self._found(base, harmless)
                controls = self._connection.result.get("controls") or {}
                cookie = controls.get(_PAGED_RESULTS, {}).get("value", {}).get("cookie")
            yield from found
            if not cookie:
                return

    def close(self) -> None:
        """Say goodbye, if anybody is there to hear it."""
        with suppress(Exception):
            self._connection.unbind()
        # ldap3 forgets a socket over which no connection came about.
        if self._connection.socket is not None:
            self._connection.socket.close()

    def _ask(self, base: str, scope: Scope, filter: str, attributes: Sequence[str], **more: Any) -> None:
        self._connection.search(
            base,
            filter,
            getattr(ldap3, scope),
            dereference_aliases=ldap3.DEREF_NEVER,  # an alias entry is nobody
            attributes=list(attributes) or [ldap3.NO_ATTRIBUTES],
            **more,
        )

    def _found(self, base: str, harmless: Sequence[int]) -> list[Entry]:
        result = self._connection.result
        if result["result"] != SUCCESS and result["result"] not in harmless:
            raise DirectoryUnavailable(_refused(base, result))
        # What else may be among the answers are references to other servers, which are left alone.
        return [
            _entry(answer) for answer in self._connection.response or () if answer["type"] == "searchResEntry"
        ]


@contextmanager
def trouble_told(connection: Any = None) -> Iterator[None]:
    """Turn whatever goes wrong into DirectoryUnavailable. `connection` is ldap3's, where there is one."""
    try:
        yield
    except DirectoryUnavailable:
        raise
    except Exception as error:
        # ldap3 has dozens of exceptions, and lets those of sockets and decoders through. It keeps the text of
        # the last one, which comes wrapped several times over.
        text = getattr(connection, "last_error", None) or str(error) or type(error).__name__
        raise DirectoryUnavailable(printable(_PLACE_IN_PYTHON.sub("", text).rstrip("."), 300)) from error


def _entry(answer: Mapping[str, Any]) -> Entry:
    attributes = {str(name).lower(): tuple(values) for name, values in answer["raw_attributes"].items()}
    if partial := [name for name in attributes if ";range=" in name]:
        raise DirectoryUnavailable(f"the directory gives {partial[0]} of {answer['dn']} and not all of it")
    return Entry(str(answer["dn"]), attributes)


def _refused(base: str, result: Mapping[str, Any]) -> str:
    advice = {
        REFERRAL: "It refers to another server, which is not followed: name that server in [[backend]]",
        NO_SUCH_OBJECT: "Check search_base, and whether the service account may read it",
    }.get(result["result"], "Check what the service account may do, and the directory's limits")
    where = printable(base, 255) or "the root DSE"
    return f"The directory refused a search at {where}: {described(result)}. {advice}."


def described(result: Mapping[str, Any]) -> str:
    """A result in words, with the directory's own."""
    message = printable(str(result.get("message") or ""), 200)
    return f"{result['description']} ({result['result']})" + (f", {message}" if message else "")
