"""Which user an entry of the directory is, and which entry a user: from the store, a template, or a search.

What the store knows of it comes first and isn't kept here. Of what the directory said nothing is believed for
longer than the configuration says. That a DN is nobody's is believed for seconds, and only until anybody is
changed in the store: else a stranger makes the directory search for the same one again and again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from config import LoginNames
from gateway.threads import BoundedThreads
from protocols.dialogue import Credentials
from store.directory import DirectoryUnavailable
from store.distinguished_name import Template
from store.model import Account, User
from store.names import normalise_login

_MOST = 50_000  # answers of the directory that are remembered
_MOST_NOBODYS, _NOBODYS_SECONDS = 10_000, 5.0
Question = tuple[Callable[[str], str | None], str]


class Lookup(Protocol):
    """The directory, asked. Both block, and raise `DirectoryUnavailable`."""

    def dn_of(self, login: str) -> str | None: ...

    def login_of(self, dn: str) -> str | None: ...


class NoOwnEntry(Exception):
    """A user who presents a DN has no single entry at the directory, and so no password there."""


def is_dn(presented: bytes) -> bool:
    """Whether a name is meant as a DN (RFC 4514, section 3), however it is spelt."""
    return b"=" in presented


def _by_no_template(_: str) -> None:
    return None


class DirectoryNames:
    """Between logins and DNs, both normalised. `template` and `lookup` are None where there is none.

    What the directory said is believed for `seconds`; a login waits for it for `patience` seconds at most.
    """

    __slots__ = (
        "_by_template",
        "_login_names",
        "_lookup",
        "_loop",
        "_nobodys",
        "_patience",
        "_remembered",
        "_seconds",
        "_template",
        "_threads",
        "asked",
        "failed",
        "remembered",
    )

    def __init__(
        self,
        login_names: LoginNames,
        template: Template | None,
        lookup: Lookup | None,
        threads: BoundedThreads,
        loop: asyncio.AbstractEventLoop,
        *,
        seconds: float,
        patience: float,
    ) -> None:
        self._login_names = login_names
        self._template = template
        self._by_template = lru_cache(_MOST)(template.login) if template is not None else _by_no_template
        self._lookup = lookup
        self._threads = threads
        self._loop = loop
        self._seconds = seconds
        self._patience = patience
        self._remembered: OrderedDict[Question, tuple[str, float]] = OrderedDict()
        self._nobodys: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self.remembered = self.asked = self.failed = 0  # where answers came from

    def is_nobodys(self, dn: str, changes_heard: int) -> bool:
        """Whether the directory said so a moment ago, and no user was changed in the store since."""
        until, changes = self._nobodys.get(dn, (0.0, -1))
        return changes == changes_heard and self._loop.time() < until

    def must_be_asked(self, dn: str, changes_heard: int) -> bool:
        """Whether only the directory can say whose DN it is."""
        if self._lookup is None or self._by_template(dn) is not None or self.is_nobodys(dn, changes_heard):
            return False
        return self._recalled((self._lookup.login_of, dn)) is None

    async def login(self, dn: str, changes_heard: int) -> str | None:
        """The normalised login of the user with that DN. Raises `DirectoryUnavailable`.

        `changes_heard`: how many changes of the store are known here (`Accounts`).
        """
        presented = self._by_template(dn)
        if presented is None and self._lookup is not None:
            if self.is_nobodys(dn, changes_heard):
                self.remembered += 1
                return None
            presented = await self._ask((self._lookup.login_of, dn))
            if presented is None:
                self._remember_nobodys(dn, changes_heard)
        if presented is None:
            return None
        names = self._login_names
        return normalise_login(
            presented.encode(), names.default_domain, names.domains, names.recipient_delimiter
        )

    async def dn(self, user: User) -> str | None:
        """The DN of the user's entry, None where nobody knows it. Raises `DirectoryUnavailable`."""
        dn = user.dn or (self._template.dn(user.login) if self._template is not None else None)
        if dn is None and self._lookup is not None:
            dn = await self._ask((self._lookup.dn_of, user.login))
        return dn

    async def own(self, account: Account | None, presented: Credentials) -> Credentials:
        """What a user binds with at the directory: his own DN; where none is known, the name as he wrote it.

        Never the DN that he wrote: it was taken for this user's, and may be the entry of somebody who says of
        himself that he is. Raises `DirectoryUnavailable` and `NoOwnEntry`.
        """
        if account is None:
            return presented
        dn = await self.dn(account.user)
        if dn is None and is_dn(presented.username):
            raise NoOwnEntry
        return replace(presented, username=dn.encode()) if dn is not None else presented

    def _remember_nobodys(self, dn: str, changes_heard: int) -> None:
        seconds = min(self._seconds, _NOBODYS_SECONDS)
        if seconds:
            self._nobodys[dn] = self._loop.time() + seconds, changes_heard
            self._nobodys.move_to_end(dn)
            if len(self._nobodys) > _MOST_NOBODYS:
                self._nobodys.popitem(last=False)

    def _recalled(self, question: Question) -> str | None:
        answer, until = self._remembered.get(question, ("", 0.0))
        return answer if self._loop.time() < until else None

    async def _ask(self, question: Question) -> str | None:
        if (recalled := self._recalled(question)) is not None:
            self.remembered += 1
            return recalled
        answer = await self._look_up(question)
        if answer is not None and self._seconds:
            self._remembered[question] = answer, self._loop.time() + self._seconds
            self._remembered.move_to_end(question)
            if len(self._remembered) > _MOST:
                self._remembered.popitem(last=False)
        return answer

    async def _look_up(self, question: Question) -> str | None:
        ask, name = question
        self.failed += 1  # until it has answered
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._threads.run(ask, name)
        except TimeoutError:
            raise DirectoryUnavailable(f"no answer within {self._patience:g} seconds") from None
        self.failed -= 1
        self.asked += 1
        return answer
