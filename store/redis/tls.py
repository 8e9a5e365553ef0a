"""TLS to Redis: one context for all connections.

redis-py makes one for each. That takes 30 ms of the event loop, as the system's authorities are read each
time, and they are trusted beside those of the configuration.
"""

import ssl
from contextlib import suppress
from typing import Any

from redis.asyncio import SSLConnection
from redis.asyncio.sentinel import SentinelManagedConnection

from config import Cache, ConfigurationError, Problem, WatchedFiles


class Tls:
    """What we ask of Redis, and show to it. Files that are renewed are read again.

    Raises ConfigurationError when they can't be used.
    """

    __slots__ = ("_cache", "_context", "_files")

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._files = WatchedFiles(file for file in (cache.ca_file, cache.certificate, cache.key) if file)
        try:
            self._context = _context(cache)
        except OSError as error:
            key = "cache.certificate" if cache.certificate else "cache.ca_file"
            raise ConfigurationError([Problem("", key, f"can't be used for TLS: {error}")]) from None

    def get(self) -> ssl.SSLContext:
        """That of a new connection."""
        if self._files.changed():
            with suppress(OSError):  # a half of a pair; the other half is yet to come
                self._context = _context(self._cache)
        return self._context


class Encrypted(SSLConnection):
    """`tls` is the context, in the place of all that redis-py would make one of."""

    def __init__(self, *, tls: Tls, **rest: Any) -> None:
        super().__init__(**rest)
        self._tls = tls

    def _connection_arguments(self) -> Any:
        self.ssl_context.context = self._tls.get()
        return super()._connection_arguments()


class EncryptedBySentinel(SentinelManagedConnection, Encrypted):
    """To whichever server the sentinels name."""


def _context(cache: Cache) -> ssl.SSLContext:
    """At least TLS 1.2 (RFC 9325, section 3.1.1). The server's certificate is verified, with its name."""
    context = ssl.create_default_context(cafile=str(cache.ca_file) if cache.ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if cache.certificate:
        context.load_cert_chain(cache.certificate, cache.key)
    return context
