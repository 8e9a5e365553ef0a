"""argon2id over seasoned secrets, with the parameters of stored hashes bounded before they are used."""

from threading import Lock

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError, VerifyMismatchError

# Whoever can write a row must not choose how much memory or time a login takes (RFC 9106 has no limit).
# These are the bounds of the configuration: whatever an administrator ever set can still be checked.
MOST_MEMORY_KIB = 1024 * 1024
MOST_TIME_COST = 20
MOST_PARALLELISM = 16
_LONGEST_HASH = 256


class UnusableHash(Exception):
    """A stored hash can't be checked, so nothing was decided."""


class Argon2:
    """argon2id with the configured cost. `runs` counts every computation, good or bad."""

    def __init__(self, memory_kib: int, time_cost: int, parallelism: int) -> None:
        self._hasher = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism, type=Type.ID
        )
        self._lock = Lock()
        self.runs = 0

    def hash(self, seasoned: bytes) -> str:
        """Hash with the configured cost and a new salt. Raises UnusableHash when memory is short."""
        self._count()
        try:
            return self._hasher.hash(seasoned)
        except Argon2Error:
            raise UnusableHash("argon2 could not run. Give the service more memory and try again.") from None

    def verify(self, hash: str, seasoned: bytes) -> bool:
        """Whether the hash is of these bytes. Raises UnusableHash, without a run, for costs out of bounds."""
        self._check_bounds(hash)
        self._count()
        try:
            return self._hasher.verify(hash, seasoned)
        except VerifyMismatchError:
            return False
        except Argon2Error:
            raise UnusableHash("argon2 could not check a stored hash. Try again.") from None

    def outdated(self, hash: str) -> bool:
        """Whether the hash was made with another cost than the configured one."""
        self._check_bounds(hash)
        return self._hasher.check_needs_rehash(hash)

    def _count(self) -> None:
        with self._lock:
            self.runs += 1

    def _check_bounds(self, hash: str) -> None:
        try:
            found = extract_parameters(hash[: _LONGEST_HASH + 1])
        except (InvalidHashError, ValueError):
            raise UnusableHash("A stored hash is not argon2. Delete that app password.") from None
        within = (
            len(hash) <= _LONGEST_HASH
            and found.type is Type.ID
            and 0 < found.memory_cost <= MOST_MEMORY_KIB
            and 0 < found.time_cost <= MOST_TIME_COST
            and 0 < found.parallelism <= MOST_PARALLELISM
        )
        if not within:
            raise UnusableHash("A stored hash is out of bounds for argon2id. Delete that app password.")
