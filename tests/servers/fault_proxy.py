"""A TCP proxy on loopback that breaks connections in the ways that networks do."""

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self

from tests.servers.changes import Changes


class Fault(Enum):
    PASS = auto()
    DELAY = auto()  # hold each chunk for `seconds`
    DRIP = auto()  # one octet every `seconds`
    STALL = auto()  # hold everything until the mode changes
    BLACKHOLE = auto()  # take everything and throw it away; never even connect to the server
    TRUNCATE = auto()  # pass `size` more octets in each direction, then close both sides
    HALF_CLOSE = auto()  # send a FIN and nothing more in the direction; the other one passes
    RESET = auto()  # RST to both sides


class Direction(Enum):
    BOTH = auto()
    TO_SERVER = auto()
    TO_CLIENT = auto()


@dataclass(frozen=True, slots=True)
class Mode:
    fault: Fault = Fault.PASS
    seconds: float = 0.0
    size: int = 0
    direction: Direction = Direction.BOTH


@dataclass(slots=True, eq=False)
class _Pipe:
    """One direction of one connection; `passed` counts the octets since the mode was set."""

    direction: Direction
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    passed: int = 0
    finished: bool = False
    lost: bool = False

    def finish(self) -> None:
        if not self.finished and not self.writer.is_closing():
            self.writer.write_eof()
        self.finished = True


class FaultProxy:
    """`async with FaultProxy(host, port) as proxy`: connect to `proxy.port`, call `proxy.switch(mode)`.

    A mode holds for the connections there are and for those to come. `accepted` counts connections.
    """

    host = "127.0.0.1"

    def __init__(self, host: str, port: int, mode: Mode | None = None) -> None:
        self.port = 0
        self.accepted = 0
        self._target = (host, port)
        self._mode = mode or Mode()
        self._changes = Changes()
        self._pipes: list[_Pipe] = []
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def switch(self, mode: Mode) -> None:
        """Change what happens from now on. A reset or a half-close happens at once."""
        self._mode = mode
        for pipe in self._pipes:
            pipe.passed = 0
            if self._for(pipe).fault is Fault.HALF_CLOSE:
                pipe.finish()
        if mode.fault is Fault.RESET:
            for writer in self._writers:
                _reset(writer)
        self._changes.tell()

    def lose(self) -> None:
        """The connections there are take everything and pass nothing on, for ever. New ones work."""
        for pipe in self._pipes:
            pipe.lost = True
        self._changes.tell()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._writers.append(writer)
        # A task of our own: the one that asyncio makes of a coroutine complains when it is cancelled.
        task = asyncio.create_task(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError):
                await self._join(reader, writer)
        finally:
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode.fault is Fault.RESET:
            return _reset(writer)
        if self._mode.fault is Fault.BLACKHOLE:
            while await reader.read(1 << 16):
                pass
            return None
        from_server, to_server = await asyncio.open_connection(*self._target)
        self._writers.append(to_server)
        pipes = [
            _Pipe(Direction.TO_SERVER, reader, to_server),
            _Pipe(Direction.TO_CLIENT, from_server, writer),
        ]
        self._pipes += pipes
        try:
            async with asyncio.TaskGroup() as group:
                for pipe in pipes:
                    group.create_task(self._pump(pipe))
        except* (OSError, _Cut):
            for each in (writer, to_server):
                each.close()
        return None

    async def _pump(self, pipe: _Pipe) -> None:
        while octets := await pipe.reader.read(1 << 16):
            while octets and not pipe.finished:
                octets = await self._pass_on(pipe, octets)
        pipe.finish()

    async def _pass_on(self, pipe: _Pipe, octets: bytes) -> bytes:
        """Forward what the mode allows. Returns what is left. Raises _Cut at the end of a truncation."""
        mode, size = self._for(pipe), len(octets)
        match mode.fault:
            case Fault.STALL:
                await self._changes.until(lambda: self._for(pipe) is not mode, 3600)
                return octets
            case Fault.BLACKHOLE:
                return b""
            case Fault.HALF_CLOSE:
                pipe.finish()
                return b""
            case Fault.DELAY | Fault.DRIP:
                size = 1 if mode.fault is Fault.DRIP else size
                with contextlib.suppress(TimeoutError):
                    await self._changes.until(lambda: self._for(pipe) is not mode, mode.seconds)
            case Fault.TRUNCATE:
                size = min(size, mode.size - pipe.passed)
        pipe.writer.write(octets[:size])
        await pipe.writer.drain()
        pipe.passed += size
        if mode.fault is Fault.TRUNCATE and pipe.passed >= mode.size:
            raise _Cut
        return octets[size:]

    def _for(self, pipe: _Pipe) -> Mode:
        if pipe.lost:
            return _LOST
        held = self._mode.direction in (Direction.BOTH, pipe.direction)
        return self._mode if held else _PASSING


class _Cut(Exception):
    """The octets that were to pass have passed."""


_PASSING, _LOST = Mode(), Mode(Fault.BLACKHOLE)


def _reset(writer: asyncio.StreamWriter) -> None:
    if not writer.transport.is_closing():
        linger = struct.pack("ii", 1, 0)  # on, for no time: close() sends an RST
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
