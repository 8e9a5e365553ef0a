"""Readiness of all our sockets, watched by one epoll that the event loop watches as a single file.

asyncio's own `add_reader` builds a handle, a selector key and a context for each file and dispatches through
all three. A relayed message crosses two sockets, so at many small messages a second that is a fifth of the
cost; docs/performance.md has the figures.
"""

import asyncio
import contextlib
import select
from collections.abc import Callable

from gateway.log import log

READABLE = select.EPOLLIN
WRITABLE = select.EPOLLOUT
_AT_ONCE = 64
_LOOKS = 8

Callback = Callable[[], bool]  # whether it woke a task, which only the loop can run


class Poller:
    """Calls back whenever a watched file is ready: level-triggered, and on errors and hang-ups too."""

    __slots__ = ("_callbacks", "_epoll", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._callbacks: dict[int, Callback] = {}
        loop.add_reader(self._epoll.fileno(), self._dispatch)

    def watch(self, file: int, events: int, callback: Callback) -> None:
        """Start to watch a file."""
        self._callbacks[file] = callback
        self._epoll.register(file, events)

    def change(self, file: int, events: int) -> None:
        """Watch for other events."""
        self._epoll.modify(file, events)

    def redirect(self, file: int, callback: Callback) -> None:
        """Call somebody else for a file that is watched."""
        self._callbacks[file] = callback

    def forget(self, file: int) -> None:
        """Stop watching; harmless for a file that isn't watched."""
        if self._callbacks.pop(file, None) is not None:
            with contextlib.suppress(OSError):
                self._epoll.unregister(file)

    def drop(self, file: int) -> None:
        """Forget a file that is about to be closed: the kernel then forgets it too (epoll(7), Q6)."""
        self._callbacks.pop(file, None)

    def close(self) -> None:
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _dispatch(self) -> None:
        """Handle what is ready; look again a few times before the loop has its turn, which costs more."""
        callbacks = self._callbacks
        for _ in range(_LOOKS):
            ready = self._epoll.poll(0, _AT_ONCE)
            if not ready:
                return
            woken = False
            for file, _events in ready:
                callback = callbacks.get(file)  # an earlier one of this batch may have closed it
                if callback is not None:
                    try:
                        woken |= callback()
                    except Exception:
                        log.exception("callback failed", file=file)
            if woken:
                return
