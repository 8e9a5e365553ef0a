"""Puts the parts of the gateway together, and says in which order they are taken apart again."""

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass

from config import Settings, public_host
from gateway.accounts import Accounts
from gateway.backend import Backend
from gateway.certificates import Certificates
from gateway.commands import Commands
from gateway.directory_names import DirectoryNames
from gateway.feed import Feed
from gateway.gatekeeper import Gatekeeper
from gateway.house import House
from gateway.log import log
from gateway.poller import Poller
from gateway.refusal import Refusals
from gateway.relay import BUFFER
from gateway.revocation import Revocation
from gateway.rules import Rulebook
from gateway.sessions import Sessions
from gateway.strangers import Strangers
from gateway.threads import BoundedThreads
from gateway.verified import VerifiedLogins
from protocols.terms import Anonymous, DirectoryTerms
from store.database import Database, StoreUnavailable
from store.directory import DirectoryUnavailable, Lookup
from store.distinguished_name import Template
from store.hashing import Argon2
from store.hashing_threads import HashingThreads
from store.last_used import LastUsed
from store.pepper import load_pepper
from store.upgrade import require_current_schema


@dataclass(frozen=True, slots=True)
class Parts:
    """What `serve` runs."""

    house: House
    feed: Feed
    revocation: Revocation
    commands: Commands
    database: Database
    threads: BoundedThreads
    directory_threads: BoundedThreads


@dataclass(frozen=True, slots=True)
class _Memory:
    """All that has to do with what is remembered."""

    database: Database
    threads: BoundedThreads
    argon2: Argon2
    hashing: HashingThreads
    last_used: LastUsed
    accounts: Accounts
    verified: VerifiedLogins


def assemble(settings: Settings, loop: asyncio.AbstractEventLoop, stack: AsyncExitStack) -> Parts:
    """Raises `StoreUnavailable`, `PepperError`, `ConfigurationError` or OSError."""
    limits = settings.limits
    memory = _memory(settings, loop, stack)
    poller = Poller(loop)
    stack.callback(poller.close)
    feed = Feed(
        memory.database, memory.threads, loop, seconds=limits.feed_seconds, lease=limits.lease_seconds
    )
    directory_threads = BoundedThreads(loop, "directory", DirectoryUnavailable)
    stack.callback(directory_threads.close)
    names = _directory_names(settings, loop, directory_threads, stack)
    gatekeeper = Gatekeeper(
        settings.login, Rulebook(settings.policy), memory.accounts, memory.verified, feed, names
    )
    house = House(
        loop=loop,
        poller=poller,
        buffer=memoryview(bytearray(BUFFER)),
        gatekeeper=gatekeeper,
        refusals=Refusals(settings.policy.refusal_hint, settings.policy.portal_url),
        backends={
            one.protocol: Backend(one, poller, loop, limits.backend_seconds, names)
            for one in settings.backend
        },
        certificates=Certificates(settings),
        sessions=Sessions(limits.sessions_per_user),
        strangers=Strangers(),
        last_used=memory.last_used,
        host=public_host(settings).encode(),
        directory=_directory_terms(settings),
        refusal_seconds=limits.refusal_seconds,
        failed_logins=limits.failed_logins,
    )
    revocation = Revocation(memory.accounts, memory.verified, gatekeeper, house.sessions)
    commands = Commands(house, feed, memory.argon2, memory.hashing)
    return Parts(house, feed, revocation, commands, memory.database, memory.threads, directory_threads)


def _memory(settings: Settings, loop: asyncio.AbstractEventLoop, stack: AsyncExitStack) -> _Memory:
    pepper = load_pepper(settings.store.pepper_file)
    database = Database(settings.store.url)
    stack.callback(database.close)
    require_current_schema(database)
    threads = BoundedThreads(loop, "store", StoreUnavailable)
    stack.callback(threads.close)
    cost = settings.argon2
    argon2 = Argon2(cost.memory_kib, cost.time_cost, cost.parallelism)
    hashing = HashingThreads(settings.limits.hash_threads or os.cpu_count() or 1, settings.limits.hash_queue)
    stack.callback(hashing.close)
    last_used = LastUsed(database)
    stack.push_async_callback(_flush_for_good, last_used)
    accounts = Accounts(database, threads)
    verified = VerifiedLogins(pepper, argon2, hashing, database, threads)
    return _Memory(database, threads, argon2, hashing, last_used, accounts, verified)


def _directory_names(
    settings: Settings, loop: asyncio.AbstractEventLoop, threads: BoundedThreads, stack: AsyncExitStack
) -> DirectoryNames:
    directory = settings.directory
    lookup = Lookup(settings) if directory.search_base else None
    if lookup is not None:
        stack.callback(lookup.close)
    template = (
        Template(directory.dn_template, settings.login.default_domain) if directory.dn_template else None
    )
    return DirectoryNames(
        settings.login,
        template,
        lookup,
        threads,
        loop,
        seconds=directory.remember_seconds,
        patience=settings.limits.backend_seconds,
    )


def _directory_terms(settings: Settings) -> DirectoryTerms:
    anonymous = Anonymous(settings.ldap.anonymous)
    for backend in settings.backend:
        if backend.protocol == "ldap":
            passwords = frozenset(name.lower().encode() for name in backend.password_attributes)
            return DirectoryTerms(
                anonymous, backend.proxied_authorization, frozenset(backend.operations), passwords
            )
    return DirectoryTerms(anonymous)


async def _flush_for_good(last_used: LastUsed) -> None:
    try:
        await asyncio.to_thread(last_used.flush)
    except StoreUnavailable as error:
        log.error("last uses are lost", error=str(error))
