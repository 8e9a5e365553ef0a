"""The keys of the cache: 32 bytes in a file outside Redis, without which nothing in it can be read."""

import os
import secrets
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from config import Cache, ConfigurationError, Problem, UnusableFileError, sealing_key

_KEY_BYTES = 32

# Each use of the key has its own word, so that no output of one is an output of the other.
_ID = b"cache id 1"
_NAMES = b"cache names 1"
_SEALS = b"cache seals 1"


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What is derived from the file's bytes. `id` tells nothing of them, and stands in Redis."""

    id: str
    names: bytes = field(repr=False)
    seals: bytes = field(repr=False)


def load_cache_keys(cache: Cache) -> tuple[CacheKey, ...]:
    """The key that seals, and after it the one that is read too, if there is one.

    Raises ConfigurationError.
    """
    assert cache.key_file is not None, "the configuration requires it where there is a Redis"
    keys = [_load("cache.key_file", cache.key_file)]
    if cache.previous_key_file is not None:
        keys.append(_load("cache.previous_key_file", cache.previous_key_file))
    return tuple(keys)


def derived(master: bytes) -> CacheKey:
    """The key of 32 random bytes."""
    return CacheKey(_derive(master, _ID, 4).hex(), _derive(master, _NAMES, 32), _derive(master, _SEALS, 32))


def create_cache_key(path: Path) -> None:
    """Write a new key, for its owner only. Raises FileExistsError rather than overwrite, and OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(secrets.token_hex(_KEY_BYTES).encode() + b"\n")


def _load(key: str, path: Path) -> CacheKey:
    try:
        return derived(sealing_key(path))
    except UnusableFileError as error:
        raise ConfigurationError([Problem("", key, str(error))]) from None


def _derive(master: bytes, use: bytes, size: int) -> bytes:
    """Keyed BLAKE2 is a PRF (RFC 7693, section 2.9)."""
    return blake2b(use, key=master, digest_size=size, person=b"wicketgate").digest()
