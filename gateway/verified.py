"""Finds the app password that a secret belongs to, with one argon2 run at most, and remembers it.

What is remembered lies under MAC(cache key, user and secret) with the user's version: any change of the user
raises the version, so one number makes all of it stale. In the process that key lives and dies with it; what
lies in Redis has a key of its own, and is believed only if it says what the account says now.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from gateway.log import log
from gateway.threads import BoundedThreads
from store import app_passwords
from store.database import Database, StoreUnavailable
from store.hashing import Argon2
from store.hashing_threads import HashingThreads
from store.model import Account, AppPassword
from store.pepper import Pepper
from store.redis.records import login_record

if TYPE_CHECKING:  # a gateway without Redis doesn't load its driver
    from store.redis.entries import Entries

_KIND = "login"  # what Redis calls it
_MOST = 200_000  # logins remembered
_SECONDS_TO_HASH = 10.0  # a login that waits longer for its turn is shed


@dataclass(frozen=True, slots=True)
class _Known:
    app_password: AppPassword
    version: tuple[int, str]  # in another history the same number is another version


class VerifiedLogins:
    """Which app password a user's secret is.

    `hits_memory`, `hits_redis` and `misses` count what was known here, or in Redis, or had to be hashed.
    """

    __slots__ = (
        "_argon2",
        "_background",
        "_database",
        "_entries",
        "_hashing",
        "_key",
        "_known",
        "_pepper",
        "_store",
        "_under_way",
        "hits_memory",
        "hits_redis",
        "misses",
    )

    def __init__(
        self,
        pepper: Pepper,
        argon2: Argon2,
        hashing: HashingThreads,
        database: Database,
        threads: BoundedThreads,
        entries: "Entries | None" = None,
    ) -> None:
        self._pepper = pepper
        self._argon2 = argon2
        self._hashing = hashing
        self._database = database
        self._store = threads
        self._entries = entries
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._under_way: dict[tuple[bytes, str], asyncio.Future[bool]] = {}
        self._background: set[asyncio.Task[None]] = set()
        self.hits_memory = self.hits_redis = self.misses = 0

    async def find(self, account: Account, secret: str) -> AppPassword | None:
        """The app password of the account that `secret` is, deleted and expired ones included, or None.

        Raises `Overloaded` when too many wait for a hash, `UnusableHash` when the stored one can't be used.
        """
        user = account.user
        # Keyed BLAKE2 is a MAC (RFC 7693, section 2.9), and far faster to set up than OpenSSL's HMAC.
        version = user.version, account.history
        digest = blake2b(f"{user.id}:{secret}".encode(), key=self._key, digest_size=32).digest()
        known = self._known.get(digest)
        if known is not None and known.version == version:
            self.hits_memory += 1
            self._known.move_to_end(digest)
            return known.app_password
        candidate = self.candidate(account, secret)
        if candidate is None or not await self._verify_once(digest, candidate, secret, version):
            return None
        self._known[digest] = _Known(candidate, version)
        self._known.move_to_end(digest)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return candidate

    def candidate(self, account: Account, secret: str) -> AppPassword | None:
        """The only app password of the account that `secret` can be: no two share a tag."""
        tag = self._pepper.tag(account.user.id, secret)
        return next((one for one in account.app_passwords if one.tag == tag), None)

    def forget_all(self) -> None:
        self._known.clear()

    async def _verify_once(
        self, digest: bytes, candidate: AppPassword, secret: str, version: tuple[int, str]
    ) -> bool:
        """One run for all who ask the same at the same time: a client opens five connections at once."""
        key = (digest, candidate.hash)
        under_way = self._under_way.get(key)
        if under_way is None:
            under_way = asyncio.ensure_future(self._verify(candidate, secret, version))
            self._under_way[key] = under_way
            under_way.add_done_callback(lambda _: self._under_way.pop(key, None))
        verified = await asyncio.shield(under_way)
        if verified and self._argon2.outdated(candidate.hash):
            self._renew(candidate, secret)
        return verified

    async def _verify(self, candidate: AppPassword, secret: str, version: tuple[int, str]) -> bool:
        """Ask Redis whether somebody has done it before; else hash, and tell Redis."""
        what, record = f"{candidate.user_id}:{secret}", login_record(candidate, *version)
        if self._entries is not None and await self._entries.find(_KIND, what) == record:
            self.hits_redis += 1
            return True
        self.misses += 1
        seasoned = self._pepper.season(secret)
        deadline = time.monotonic() + _SECONDS_TO_HASH
        job = self._hashing.submit(self._argon2.verify, candidate.hash, seasoned, deadline=deadline)
        verified = await asyncio.wrap_future(job)
        if verified and self._entries is not None:
            self._entries.keep(_KIND, what, record)
        return verified

    def _renew(self, app_password: AppPassword, secret: str) -> None:
        """Hash anew with the parameters of today. It is not worth failing a login for."""
        task = asyncio.ensure_future(self._replace_hash(app_password, self._pepper.season(secret)))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _replace_hash(self, app_password: AppPassword, seasoned: bytes) -> None:
        try:
            deadline = time.monotonic() + _SECONDS_TO_HASH
            new = await asyncio.wrap_future(
                self._hashing.submit(self._argon2.hash, seasoned, deadline=deadline)
            )
            await self._store.run(
                app_passwords.replace_hash, self._database, app_password.id, app_password.hash, new
            )
        except (StoreUnavailable, RuntimeError) as error:
            log.warning("hash not renewed", app_password_id=app_password.id, error=str(error))
