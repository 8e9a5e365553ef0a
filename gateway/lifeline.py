"""The pipe between the supervisor and a worker, which is the worker's standard input.

First comes what the worker is to serve: the settings that the supervisor has checked, so that a worker that
is started again doesn't find a file that somebody is editing at that moment. Then nothing comes any more,
until the supervisor is gone, whatever ended it: the end of the pipe tells.
"""

import asyncio
import os
import pickle
import struct
import sys
from collections.abc import Callable
from typing import BinaryIO

from config import Settings

_LENGTH = struct.Struct("!I")
_MOST = 16 * 1024 * 1024


def packed(settings: Settings) -> bytes:
    """The settings as they go through the pipe."""
    data = pickle.dumps(settings)
    return _LENGTH.pack(len(data)) + data


def received(pipe: BinaryIO) -> Settings:
    """The settings from the pipe. Raises EOFError at its end, and ValueError for anything else."""
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    if length > _MOST:
        raise ValueError("what comes through the pipe is too long for settings")
    settings = pickle.loads(_exactly(pipe, length))  # noqa: S301 (our own supervisor made it, from the same code)
    if not isinstance(settings, Settings):
        raise ValueError("what comes through the pipe isn't settings")
    return settings


def watch(loop: asyncio.AbstractEventLoop, on_gone: Callable[[], None]) -> None:
    """Call back once when the supervisor is gone."""
    file = sys.stdin.fileno()

    def readable() -> None:
        if not os.read(file, 4096):
            loop.remove_reader(file)
            on_gone()

    loop.add_reader(file, readable)


def _exactly(pipe: BinaryIO, count: int) -> bytes:
    data = pipe.read(count)
    if len(data) < count:
        raise EOFError("the supervisor is gone")
    return data
