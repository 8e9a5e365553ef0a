"""A bound on a whole exchange: the time-outs of sockets bound each read alone."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer


@contextmanager
def cut_off(seconds: float, connection: Callable[[], socket.socket | None]) -> Iterator[None]:
    """After so many seconds in the block its connection is cut, which raises OSError where it's read."""

    def cut() -> None:
        found = connection()
        if found is not None:
            with suppress(OSError):  # it has just ended by itself
                found.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
