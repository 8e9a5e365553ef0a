"""What the metrics are read from."""

from dataclasses import dataclass
from typing import Protocol

from gateway.accounts import Accounts
from gateway.directory_names import DirectoryNames
from gateway.feed import Feed
from gateway.house import House
from gateway.metrics.readiness import Readiness
from gateway.verified import VerifiedLogins
from store.hashing import Argon2
from store.hashing_threads import HashingThreads


class Redis(Protocol):
    """What is told of Redis: questions that it left without an answer, and whether it's asked at all."""

    failures: int

    @property
    def available(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """The parts of a gateway that have something to tell. `redis` is None where none is set."""

    house: House
    feed: Feed
    readiness: Readiness
    accounts: Accounts
    verified: VerifiedLogins
    argon2: Argon2
    hashing: HashingThreads
    directory_names: DirectoryNames
    redis: Redis | None
