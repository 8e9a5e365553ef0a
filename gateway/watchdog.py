"""Signs of life for systemd's watchdog (sd_notify(3), WATCHDOG=1), and a line for `systemctl status`.

A sign is given while the event loop turns, the feed is followed and clients are let in. An outage of the
store is no reason to keep it back: the feed is tried again and again, logins get the temporary code, and a
restart would only cut the sessions of those who are in. What a restart mends is an attempt that never ends.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping, Sized
from typing import Any

from gateway.feed import Feed
from gateway.listeners import Listeners
from gateway.log import log
from gateway.systemd import Notifier, watchdog_seconds

_FEED_SECONDS = 120.0  # longer than any attempt at a store takes, whether its servers answer or not
_STATUS_SECONDS = 10.0


def signs_of_life(
    environ: Mapping[str, str], feed: Feed, listeners: Listeners, sessions: Sized
) -> Iterator[Coroutine[Any, Any, None]]:
    """What is to be done in the background, as far as somebody wants to be told."""
    if "NOTIFY_SOCKET" not in environ:
        return
    notifier = Notifier(environ)
    yield _tell_status(notifier, sessions)
    if (seconds := watchdog_seconds(environ)) is not None:
        yield _keep_alive(notifier, seconds, feed, listeners)


async def _keep_alive(notifier: Notifier, seconds: float, feed: Feed, listeners: Listeners) -> None:
    """Give a sign twice in `seconds`, as sd_watchdog_enabled(3) advises, for as long as all is well."""
    before = ""
    while True:
        reason = _illness(feed, listeners)
        if not reason:
            notifier.alive()
        if reason and not before:
            log.error("no sign of life is given; the watchdog will restart this process", reason=reason)
        if before and not reason:
            log.info("signs of life are given again")
        before = reason
        await asyncio.sleep(seconds / 2)


async def _tell_status(notifier: Notifier, sessions: Sized) -> None:
    """Say how many are in, now and then, for as long as we serve."""
    while True:
        notifier.status(f"{len(sessions)} sessions")
        await asyncio.sleep(_STATUS_SECONDS)


def _illness(feed: Feed, listeners: Listeners) -> str:
    neglected = listeners.neglected()
    if feed.seconds_since_a_turn > _FEED_SECONDS:
        return "an attempt to read the change feed does not end"
    if neglected:
        return f"clients wait and are not accepted at {', '.join(neglected)}"
    return ""
