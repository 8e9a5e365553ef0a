"""The live sessions of users that the store doesn't know, found by what could make a known user of them."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from store.distinguished_name import normalise_dn
from store.lookalikes import Claim
from store.model import User
from store.skeleton import skeleton


class Claiming(Protocol):
    """What a session is known by: the normalised name, and the normalised DN or ""."""

    @property
    def number(self) -> int: ...

    @property
    def login(self) -> str: ...

    @property
    def claimed_dn(self) -> str: ...


S = TypeVar("S", bound=Claiming)


class UnknownSessions(Generic[S]):
    """Finds the sessions that a user's names and DN may mean."""

    __slots__ = ("_by_dn", "_by_skeleton")

    def __init__(self) -> None:
        self._by_dn: dict[str, dict[int, S]] = {}
        self._by_skeleton: dict[str, dict[int, S]] = {}

    def __bool__(self) -> bool:
        return bool(self._by_skeleton)

    def enter(self, session: S) -> None:
        self._by_skeleton.setdefault(skeleton(session.login)[0], {})[session.number] = session
        if session.claimed_dn:
            self._by_dn.setdefault(session.claimed_dn, {})[session.number] = session

    def leave(self, session: S) -> None:
        """Harmless for one that never entered."""
        _drop(self._by_skeleton, skeleton(session.login)[0], session.number)
        _drop(self._by_dn, session.claimed_dn, session.number)

    def claims(self) -> set[Claim]:
        """What all of them are known by."""
        return {
            Claim(session.login, (session.claimed_dn,) if session.claimed_dn else ())
            for sessions in self._by_skeleton.values()
            for session in sessions.values()
        }

    def of(self, user: User) -> list[S]:
        """Those that have the user's DN or one of the user's names."""
        names = (user.login, *user.aliases)
        named = [one for one in self._alike(names) if one.login in names]
        dn = normalise_dn(user.dn) if user.dn is not None else None
        return list({one.number: one for one in (*named, *self._by_dn.get(dn or "", {}).values())}.values())

    def looking_like(self, user: User) -> list[S]:
        """Those whose names a backend may take for one of the user's."""
        return list(self._alike((user.login, *user.aliases)))

    def _alike(self, names: tuple[str, ...]) -> Iterator[S]:
        for name in names:
            local, domain = skeleton(name)
            for session in self._by_skeleton.get(local, {}).values():
                its_domain = session.login.partition("@")[2]
                if domain == its_domain or not domain or not its_domain:
                    yield session


def _drop(index: dict[str, dict[int, S]], key: str, number: int) -> None:
    entries = index.get(key)
    if entries is not None:
        entries.pop(number, None)
        if not entries:
            del index[key]
