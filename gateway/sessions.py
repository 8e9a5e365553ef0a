"""The live sessions: who is in, by which app password, and how to cut them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from config import ProtocolName
from gateway.connection import Address
from gateway.unknown_sessions import UnknownSessions

K = TypeVar("K")


@dataclass(slots=True, eq=False)
class LiveSession:
    """One client that was let in. `cut` ends it at once. `dn` is what the store said of the user's entry.

    `claimed_dn` is the normalised DN that an unknown user presented, or "".
    """

    number: int
    login: str
    user_id: int | None
    dn: str | None
    claimed_dn: str
    app_password_id: str | None
    app_password_name: str
    protocol: ProtocolName
    listener: str
    address: Address
    since: datetime
    until: datetime | None
    cut: Callable[[str], None]


class Sessions:
    """All live sessions of this process. `unknown` are those of users that the store doesn't know."""

    __slots__ = ("_all", "_by_login", "_by_user", "_ending", "_numbers", "_per_user", "unknown")

    def __init__(self, per_user: int) -> None:
        self._per_user = per_user
        self._all: dict[int, LiveSession] = {}
        self._by_login: dict[str, dict[int, LiveSession]] = {}
        self._by_user: dict[int | None, dict[int, LiveSession]] = {}
        self._ending: dict[int, LiveSession] = {}
        self._numbers = 0
        self.unknown: UnknownSessions[LiveSession] = UnknownSessions()

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[LiveSession]:
        return iter(list(self._all.values()))

    def next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def has_room(self, login: str) -> bool:
        """Whether the user may have one more."""
        return len(self._by_login.get(login, ())) < self._per_user

    def enter(self, session: LiveSession) -> None:
        self._all[session.number] = session
        self._by_login.setdefault(session.login, {})[session.number] = session
        self._by_user.setdefault(session.user_id, {})[session.number] = session
        if session.user_id is None:
            self.unknown.enter(session)
        self.end_at(session, session.until)

    def end_at(self, session: LiveSession, until: datetime | None) -> None:
        """The session's admission runs out then, or never."""
        session.until = until
        if until is None:
            self._ending.pop(session.number, None)
        else:
            self._ending[session.number] = session

    def leave(self, session: LiveSession) -> None:
        """Harmless for one that never entered."""
        self._all.pop(session.number, None)
        self._ending.pop(session.number, None)
        _drop(self._by_login, session.login, session.number)
        _drop(self._by_user, session.user_id, session.number)
        if session.user_id is None:
            self.unknown.leave(session)

    def adopt(self, session: LiveSession, user_id: int, login: str) -> None:
        """The session of somebody whom the store didn't know is that user's from now on."""
        self.leave(session)
        session.user_id, session.login = user_id, login
        self.enter(session)

    def of_login(self, login: str) -> list[LiveSession]:
        return list(self._by_login.get(login, {}).values())

    def of_user(self, user_id: int | None) -> list[LiveSession]:
        """Sessions keep the login that they had, whatever the user is called now. None: those of users whom
        the store didn't know."""
        return list(self._by_user.get(user_id, {}).values())

    def user_ids(self) -> set[int]:
        """Who is in, but for those whom the store didn't know."""
        return {user_id for user_id in self._by_user if user_id is not None}

    def is_in(self, user_id: int | None) -> bool:
        return user_id in self._by_user

    def ending_before(self, now: datetime) -> list[LiveSession]:
        """Those whose admission has run out."""
        return [one for one in self._ending.values() if one.until is not None and one.until <= now]


def _drop(index: dict[K, dict[int, LiveSession]], key: K, number: int) -> None:
    """Harmless for what isn't there."""
    entries = index.get(key)
    if entries is not None:
        entries.pop(number, None)
        if not entries:
            del index[key]
