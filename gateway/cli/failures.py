"""What `wicketgate explain` says of failed logins: asked of the gateway that runs here, and of Redis."""

import asyncio
from collections.abc import Iterable

from config import Settings
from gateway.connection import Address
from gateway.control import ask, sockets
from store.guess import Guess, Guesses
from store.model import Account

_NO_KEY = b"\0" * 32  # marks of guesses aren't asked for here
_TOLD = {
    "pair": "of this user from this address",
    "user": "of this user, from addresses from which the user has never logged in",
    "source": "from this address",
    "site": "from this IPv6 network",
    "known-user": "of this user, from addresses from which the user has logged in",
    "known-source": "from this address, of users who have logged in from there",
    "known-site": "from this IPv6 network, of users who have logged in from there",
}


def too_many_failures(settings: Settings, name: str, account: Account | None, address: Address) -> str:
    """Why a main password would be refused now, whatever it is; "" where it isn't, or nobody can tell."""
    user, version = (account.user.login, account.user.version) if account else (name, 0)
    guess = Guesses(settings.throttle, _NO_KEY).make(name, user, version, address, b"")
    if guess is None:
        return ""
    request = {"command": "failures", "name": name, "user": user, "version": version, "address": str(address)}
    kinds = {*_asked_here(settings, request), *_asked_of_redis(settings, guess)}
    told = [sentence for kind, sentence in _TOLD.items() if kind in kinds]
    return f"too many logins have failed {' and '.join(told)}" if told else ""


def _asked_here(settings: Settings, request: dict[str, object]) -> Iterable[str]:
    """Each process for itself. One that isn't there, or may not be asked, has nothing to say."""
    for socket in sockets(settings.control.socket):
        try:
            yield from map(str, ask(socket, request).get("closed", ()))
        except (OSError, ValueError):
            continue


def _asked_of_redis(settings: Settings, guess: Guess) -> Iterable[str]:
    if settings.cache.address is None:
        return ()
    from store.redis.client import open_redis  # a command without Redis doesn't load its driver
    from store.redis.failures import SharedFailures

    async def closed() -> list[str]:
        redis = open_redis(settings.cache)
        assert redis is not None, "it has an address"
        try:
            shared = SharedFailures(redis, ahead=0, wrong_seconds=0)
            asked = guess.from_known_place() if await shared.knows(guess.origin) else guess
            return [one.kind for one in await shared.closed(asked.budgets) or ()]
        finally:
            await redis.close()

    return asyncio.run(closed())
