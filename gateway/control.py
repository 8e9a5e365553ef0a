"""The administrator's way to the running gateway: a Unix socket that knows who is calling.

One JSON object on a line asks, one JSON object on a line answers. Only root and the gateway's own user may
ask, which the kernel vouches for (unix(7), SO_PEERCRED).
"""

import asyncio
import contextlib
import json
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.log import log

_MAX_LINE = 4096
_SECONDS = 10.0
Command = Callable[[dict[str, Any]], dict[str, Any]]


class Control:
    """Serves `commands`, each a function from the request to the answer."""

    __slots__ = ("_commands", "_path", "_server")

    def __init__(self, path: Path, commands: dict[str, Command]) -> None:
        self._path = path
        self._commands = commands
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Raises OSError when the socket can't be made, or another gateway answers on it."""
        with contextlib.suppress(FileNotFoundError):
            _remove_stale(self._path)
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=_MAX_LINE)
        finally:
            os.umask(before)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                writer.write(json.dumps(await self._answer(reader, writer)).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError, TimeoutError) as error:
            log.warning("control request failed", error=str(error))
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> dict[str, Any]:
        uid = _peer_uid(writer.get_extra_info("socket"))
        if uid not in (0, os.geteuid()):
            return {"error": "Only root and the gateway's own user may ask. Use sudo."}
        request = json.loads(await reader.readline())
        command = self._commands.get(request.get("command", "")) if isinstance(request, dict) else None
        if command is None:
            return {"error": f"Unknown command; there are {', '.join(sorted(self._commands))}."}
        return command(request)


def ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Ask the running gateway. Raises OSError when there is none, ValueError when it answers nonsense."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(_SECONDS)
        sock.connect(str(path))
        sock.sendall(json.dumps(request).encode() + b"\n")
        with sock.makefile("rb") as answer:
            told = json.loads(answer.readline())
    if not isinstance(told, dict):
        raise ValueError("the gateway's answer can't be understood")
    return told


def _peer_uid(sock: socket.socket) -> int:
    credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])


def _remove_stale(path: Path) -> None:
    """Remove the socket of a gateway that is gone. Raises OSError when one answers there."""
    with socket.socket(socket.AF_UNIX) as sock:
        try:
            sock.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise FileExistsError(f"another gateway answers on {path}; stop it first, or set another control.socket")
