"""How much work it is to take what a peer sends: eight times as much costs eight times as much, not more.

This counts CPU time, as what makes a parser quadratic is mostly copied in C, where nothing else counts it.
Only the ratio of two sizes is looked at, the best of several rounds, with much room to either side.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from protocols.dialogue import Dialogue, Login, LoginResult, Outcome, ProtocolError, Read

TIMES = 8
_MOST = TIMES * 2.5
_ROUNDS = 6
Pieces = Callable[[bytes], Iterable[bytes]]


def assert_linear(work: Callable[[int], Callable[[], object]], size: int) -> None:
    """`work` prepares what is done for a size, and isn't counted itself."""
    ratios = []
    for _ in range(_ROUNDS):
        small, large = _seconds(work(size), 3), _seconds(work(size * TIMES), 2)
        ratios.append(large / small)
        if ratios[-1] < _MOST:
            return
    pytest.fail(f"{TIMES} times as much takes {min(ratios):.0f} times as long")


def _seconds(work: Callable[[], object], tries: int) -> float:
    """The least that the work took."""
    taken = []
    gc.disable()
    try:
        for _ in range(tries):
            before = time.thread_time_ns()
            work()
            taken.append(time.thread_time_ns() - before)
    finally:
        gc.enable()
    return max(1, min(taken)) / 1e9


def in_bytes(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 1] for at in range(len(data)))


def in_chunks(data: bytes) -> Iterator[bytes]:
    """As a connection reads them."""
    return (data[at : at + 8192] for at in range(0, len(data), 8192))


def at_once(data: bytes) -> Iterator[bytes]:
    return iter((data,))


def hear(dialogue: Dialogue[Any], pieces: Iterator[bytes], outcome: Outcome = Outcome.REJECTED) -> None:
    """Let the dialogue read all of it, or as much as it takes. Every login ends so."""
    reply: object = None
    try:
        while True:
            request = dialogue.send(reply)
            reply = None
            if isinstance(request, Read):
                reply = next(pieces, b"")
            elif isinstance(request, Login):
                reply = LoginResult(outcome, b"", delegated=b"u:alice")
    except (StopIteration, ProtocolError, EOFError):
        return
