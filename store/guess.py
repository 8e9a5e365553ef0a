"""A guess: a secret that is none of the user's app passwords, so that it may be anybody's.

It's known again by a keyed digest. The process keeps 64 bits of it in its memory, where the key lives too.
What leaves the process (store/redis/failures.py) is 16 bits: a thief of both the key and what
is remembered finds that thousands of words fit. Most wrong passwords are nearly right ones, or right ones
elsewhere.
"""

from dataclasses import dataclass, replace
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address
from typing import Self

from config import Throttle as Settings
from store.budget import Budget, Limit
from store.source import shown_source, site_of, source_of

_PAIR_BYTES = 8
_SECRET_BYTES = 8
_OF_A_SITE = 10  # times a source's failures
_OF_A_KNOWN_PLACE = 10  # times what strangers may fail


@dataclass(frozen=True, slots=True)
class Guess:
    """`mark` is what it's known by, and `origin` the user with the source.

    If it's wrong, `pair` (the name and the source) and `others` have one failure more.
    """

    origin: str
    mark: str
    pair: Budget
    others: tuple[Budget, ...]
    is_from_known_place: bool = False

    @property
    def budgets(self) -> tuple[Budget, ...]:
        return (self.pair, *self.others)

    def from_known_place(self) -> Self:
        """Where the user has logged in before there are larger budgets, which no stranger can use up."""
        return replace(self, others=tuple(map(_of_known_place, self.others)), is_from_known_place=True)


class Guesses:
    """Makes them by the configuration. `key` keys their marks."""

    __slots__ = ("_exempt", "_key", "_of_pair", "_of_site", "_of_source", "_of_user")

    def __init__(self, settings: Settings, key: bytes) -> None:
        self._exempt = settings.exempt
        self._key = key
        short, long = settings.window_seconds, settings.user_window_seconds
        per_source, per_user = settings.failures_per_source, settings.failures_per_user
        self._of_user = _limits((per_user, long))
        self._of_source = _limits((per_source, short))
        self._of_site = _limits((per_source * _OF_A_SITE, short))
        self._of_pair = _limits((settings.failures_per_user_and_source, short), (per_user, long))

    def make(
        self,
        name: str,
        user: str,
        version: int,
        address: IPv4Address | IPv6Address,
        secret: bytes,
        browser: str = "",
    ) -> Guess | None:
        """None where nothing is counted. `user` is the login, or the name where it's nobody's.

        `name` is what was presented. Each has a budget of its own with a source: if aliases shared it, a few
        guesses would tell a stranger that two names are one user. With the user's `version`, any change of
        the user begins all of these anew, on every node. `browser` names one in which the user was signed in
        before, wherever it is now.
        """
        if any(address in network for network in self._exempt):
            return None
        network = source_of(address)
        source, site = shown_source(network), site_of(network)
        pair = f"pair browser {browser} {version} {user}" if browser else f"pair {source} {version} {name}"
        others = [
            Budget(f"user {version} {user}", self._of_user),
            Budget(f"source {source}", self._of_source),
            Budget(f"site {site}" if site else "", self._of_site),
        ]
        guess = Guess(
            origin=origin(user, address),
            mark=self._mark(pair.encode(), secret),
            pair=Budget(pair, self._of_pair),
            others=tuple(budget for budget in others if budget.key and budget.limits),
        )
        return guess.from_known_place() if browser else guess

    def _mark(self, pair: bytes, secret: bytes) -> str:
        whose = blake2b(pair, key=self._key, digest_size=_PAIR_BYTES)
        what = blake2b(pair + b"\0" + secret, key=self._key, digest_size=_SECRET_BYTES)
        return whose.hexdigest() + what.hexdigest()


def origin(user: str, address: IPv4Address | IPv6Address) -> str:
    """The name of a user's source."""
    return f"{shown_source(source_of(address))} {user}"


def _of_known_place(budget: Budget) -> Budget:
    limits = tuple(Limit(one.failures * _OF_A_KNOWN_PLACE, one.seconds) for one in budget.limits)
    return Budget(f"known-{budget.key}", limits)


def _limits(*wanted: tuple[int, float]) -> tuple[Limit, ...]:
    return tuple(Limit(failures, seconds) for failures, seconds in wanted if failures)
