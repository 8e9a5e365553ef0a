"""Which user an entry of the directory is, and which entry a user: from the store, a template, or a search.

What the store knows of it comes first and isn't kept here. Of what the directory said nothing is believed for
longer than the configuration says, and that somebody wasn't found isn't kept at all: he may be there a moment
later.
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
Question = tuple[Callable[[str], str | None], str]


class Lookup(Protocol):
    """The directory, asked. Both block, and raise `DirectoryUnavailable`."""

    def dn_of(self, login: str) -> str | None: ...

    def login_of(self, dn: str) -> str | None: ...


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
        self.remembered = self.asked = self.failed = 0  # where answers came from

    async def login(self, dn: str) -> str | None:
        """The normalised login of the user with that DN. Raises `DirectoryUnavailable`."""
        presented = self._by_template(dn)
        if presented is None and self._lookup is not None:
            presented = await self._ask((self._lookup.login_of, dn))
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
        himself that he is. Raises `DirectoryUnavailable`.
        """
        if account is None:
            return presented
        dn = await self.dn(account.user)
        if dn is None and is_dn(presented.username):
            raise DirectoryUnavailable(f"no single entry of {account.user.login} was found there")
        return replace(presented, username=dn.encode()) if dn is not None else presented

    async def _ask(self, question: Question) -> str | None:
        remembered = self._remembered.get(question)
        if remembered is not None and self._loop.time() < remembered[1]:
            self.remembered += 1
            return remembered[0]
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
