"""Puts the parts of the gateway together, and says in which order they are taken apart again."""

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config import ProtocolName, Settings, public_host
from gateway.accounts import Accounts
from gateway.backend import Backend
from gateway.certificates import Certificates
from gateway.commands import Commands
from gateway.directory_names import DirectoryNames
from gateway.feed import Feed, FeedStore
from gateway.gatekeeper import Gatekeeper
from gateway.house import House
from gateway.log import log
from gateway.metrics.readiness import Readiness
from gateway.metrics.subject import Subject
from gateway.metrics.tally import Tally
from gateway.poller import Poller
from gateway.questions import Questions
from gateway.refusal import Refusals
from gateway.relay import ReadBuffer
from gateway.repeated_lines import RepeatedLines
from gateway.revocation import Revocation
from gateway.rules import Rulebook
from gateway.sessions import Sessions
from gateway.strangers import Strangers
from gateway.threads import BoundedThreads
from gateway.throttle import Throttle, open_throttle
from gateway.unknown_names import UnknownNames
from gateway.verified import VerifiedLogins
from protocols.terms import Anonymous, DirectoryTerms
from store.database import Database, StoreUnavailable
from store.directory import DirectoryUnavailable, Lookup
from store.distinguished_name import Template
from store.hashing import Argon2
from store.hashing_threads import HashingThreads
from store.last_used import LastUsed
from store.pepper import load_pepper
from store.redis.announcing import Announcer
from store.refused_logins import RefusedLogins
from store.upgrade import require_current_schema

if TYPE_CHECKING:  # a gateway without Redis doesn't load its driver
    from store.redis.client import Redis


@dataclass(frozen=True, slots=True)
class Parts:
    """What `serve` runs."""

    house: House
    feed: Feed
    revocation: Revocation
    commands: Commands
    subject: Subject
    database: Database
    threads: BoundedThreads
    directory_threads: BoundedThreads
    redis: "Redis | None"


@dataclass(frozen=True, slots=True)
class _Memory:
    """All that has to do with what is remembered."""

    database: Database
    threads: BoundedThreads
    feed_store: FeedStore
    argon2: Argon2
    hashing: HashingThreads
    last_used: LastUsed
    refused_logins: RefusedLogins
    accounts: Accounts
    verified: VerifiedLogins
    redis: "Redis | None"


def assemble(settings: Settings, loop: asyncio.AbstractEventLoop, stack: AsyncExitStack) -> Parts:
    """Raises `StoreUnavailable`, `PepperError`, `ConfigurationError` or OSError."""
    limits = settings.limits
    tally = Tally()
    memory = _memory(settings, loop, stack, tally)
    poller = Poller(loop)
    stack.callback(poller.close)
    feed = _feed(memory, settings, loop)
    directory_threads = _directory_threads(loop, stack)
    names = _directory_names(settings, loop, directory_threads, stack)
    throttle = open_throttle(settings, loop, memory.redis)
    gatekeeper = _gatekeeper(settings, memory, feed, names, throttle)
    lines = _lines(settings, loop, stack)
    house = House(
        loop=loop,
        poller=poller,
        buffer=ReadBuffer(),
        gatekeeper=gatekeeper,
        refusals=Refusals(settings.policy.refusal_hint, settings.policy.portal_url),
        backends=_backends(settings, poller, loop, names, lines),
        certificates=Certificates(settings),
        sessions=Sessions(limits.sessions_per_user),
        strangers=Strangers(limits.strangers, limits.strangers_per_source, settings.throttle.exempt),
        lines=lines,
        throttle=throttle,
        questions=_questions(throttle, stack),
        tally=tally,
        last_used=memory.last_used,
        refused_logins=memory.refused_logins,
        host=public_host(settings).encode(),
        directory=_directory_terms(settings),
        refusal_seconds=limits.refusal_seconds,
        failed_logins=limits.failed_logins,
    )
    revocation = Revocation(
        memory.accounts, memory.verified, gatekeeper, house.sessions, limits.blind_seconds
    )
    return Parts(
        house,
        feed,
        revocation,
        Commands(house, feed, memory.argon2, memory.hashing),
        _subject(house, feed, memory, names),
        memory.database,
        memory.threads,
        directory_threads,
        memory.redis,
    )


def _gatekeeper(
    settings: Settings, memory: _Memory, feed: Feed, names: DirectoryNames, throttle: Throttle
) -> Gatekeeper:
    return Gatekeeper(
        settings.login,
        Rulebook(settings.policy),
        memory.accounts,
        memory.verified,
        feed,
        names,
        throttle,
        UnknownNames(settings.policy, settings.backend),
    )


def _lines(settings: Settings, loop: asyncio.AbstractEventLoop, stack: AsyncExitStack) -> RepeatedLines:
    lines = RepeatedLines(loop, settings.log.lines_per_source)
    stack.callback(lines.close)
    return lines


def _directory_threads(loop: asyncio.AbstractEventLoop, stack: AsyncExitStack) -> BoundedThreads:
    threads = BoundedThreads(loop, "directory", DirectoryUnavailable)
    stack.callback(threads.close)
    return threads


def _questions(throttle: Throttle, stack: AsyncExitStack) -> Questions:
    questions = Questions(throttle)
    stack.callback(questions.close)
    return questions


def _feed(memory: _Memory, settings: Settings, loop: asyncio.AbstractEventLoop) -> Feed:
    seconds, lease = settings.limits.feed_seconds, settings.limits.lease_seconds
    return Feed(memory.feed_store, loop, seconds=seconds, lease=lease)


def _feed_store(settings: Settings, loop: asyncio.AbstractEventLoop, stack: AsyncExitStack) -> FeedStore:
    database = Database(settings.store.url)
    stack.callback(database.close)
    threads = BoundedThreads(loop, "feed", StoreUnavailable, threads=1)
    stack.callback(threads.close)
    return FeedStore(database, threads)


def _backends(
    settings: Settings,
    poller: Poller,
    loop: asyncio.AbstractEventLoop,
    names: DirectoryNames,
    lines: RepeatedLines,
) -> dict[ProtocolName, Backend]:
    seconds = settings.limits.backend_seconds
    return {one.protocol: Backend(one, poller, loop, seconds, names, lines) for one in settings.backend}


def _subject(house: House, feed: Feed, memory: _Memory, names: DirectoryNames) -> Subject:
    return Subject(
        house=house,
        feed=feed,
        readiness=Readiness(feed),
        accounts=memory.accounts,
        verified=memory.verified,
        argon2=memory.argon2,
        hashing=memory.hashing,
        directory_names=names,
        redis=memory.redis,
    )


def _memory(
    settings: Settings, loop: asyncio.AbstractEventLoop, stack: AsyncExitStack, tally: Tally
) -> _Memory:
    pepper = load_pepper(settings.store.pepper_file)
    announce = Announcer(settings.cache)
    stack.callback(announce.close)
    database = Database(settings.store.url, announce=announce)
    stack.callback(database.close)
    require_current_schema(database)
    threads = BoundedThreads(loop, "store", StoreUnavailable)
    stack.callback(threads.close)
    cost = settings.argon2
    argon2 = Argon2(cost.memory_kib, cost.time_cost, cost.parallelism)
    limits = settings.limits
    hashing = HashingThreads(limits.hash_threads or os.cpu_count() or 1, limits.hash_queue, tally.hashed)
    stack.callback(hashing.close)
    last_used, refused_logins = LastUsed(database), RefusedLogins(database)
    stack.push_async_callback(_flush_for_good, last_used, refused_logins)
    redis = _redis(settings, stack)
    entries = None
    if redis is not None:
        from store.redis.entries import Entries

        entries = Entries(redis, settings.cache.seconds)
    feed_store = _feed_store(settings, loop, stack)
    accounts = Accounts(database, threads, feed_store, entries)
    verified = VerifiedLogins(pepper, argon2, hashing, database, threads, entries)
    return _Memory(
        database, threads, feed_store, argon2, hashing, last_used, refused_logins, accounts, verified, redis
    )


def _redis(settings: Settings, stack: AsyncExitStack) -> "Redis | None":
    if settings.cache.address is None:
        return None
    from store.redis.client import open_redis

    redis = open_redis(settings.cache, lambda event, reason: log.warning(event, reason=reason))
    if redis is not None:
        stack.push_async_callback(redis.close)
    return redis


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


async def _flush_for_good(last_used: LastUsed, refused_logins: RefusedLogins) -> None:
    try:
        await asyncio.to_thread(last_used.flush)
        await asyncio.to_thread(refused_logins.flush)
    except StoreUnavailable as error:
        log.error("last uses and refusals are lost", error=str(error))
