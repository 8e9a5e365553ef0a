"""The administrator's way to the running gateway: a Unix socket that knows who is calling.

One JSON object on a line asks, one JSON object on a line answers. Only root and the gateway's own user may
ask, which the kernel vouches for (unix(7), SO_PEERCRED).
"""

import asyncio
import contextlib
import glob
import json
import os
import socket
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.cannot_listen import CannotListen
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
        """Raises `CannotListen` when the socket can't be made, or another gateway answers on it."""
        try:
            remove_stale(self._path)
            _sweep(self._path)
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
            sock = _bound(self._path)
        except CannotListen:
            raise
        except OSError as error:
            raise CannotListen(
                f"the control socket {self._path} can't be made: {error.strerror or error}. "
                "Let the user that runs the gateway write its folder, or set another control.socket."
            ) from None
        self._server = await asyncio.start_unix_server(self._serve, sock=sock, limit=_MAX_LINE)

    def move(self, path: Path) -> None:
        """Leave the path to the next gateway, and go on answering at another one. A socket doesn't mind."""
        with contextlib.suppress(OSError):
            self._path.rename(path)
            self._path = path

    async def close(self) -> None:
        """Answer nobody, and leave the path to the next gateway. May be called again."""
        if self._server is not None:
            self._server.close()
            self._server = None
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                writer.write(json.dumps(await self._answer(reader, writer)).encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            pass  # whoever asked has left
        except (OSError, ValueError, RecursionError) as error:
            log.warning("control request failed", error=str(error) or type(error).__name__)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> dict[str, Any]:
        line = await reader.readline()
        if _peer_uid(writer.get_extra_info("socket")) not in (0, os.geteuid()):
            return {"error": "Only root and the gateway's own user may ask. Use sudo."}
        request = json.loads(line) if line else {}
        command = self._commands.get(str(request.get("command"))) if isinstance(request, dict) else None
        if command is None:
            return {"error": f"Unknown command; there are {', '.join(sorted(self._commands))}."}
        return command(request)


def sockets(path: Path) -> list[Path]:
    """Where the processes of one gateway may answer: the control socket itself, and those beside it."""
    return [path, *sorted(path.parent.glob(f"{glob.escape(path.stem)}-*-*{glob.escape(path.suffix)}"))]


def ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Ask the running gateway. Raises OSError when there is none, ValueError when it gives no answer."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(_SECONDS)
        sock.connect(str(path))
        sock.sendall(json.dumps(request).encode() + b"\n")
        with sock.makefile("rb") as answer:
            line = answer.readline()
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ValueError(f"the gateway on {path} gave no answer. See its log.")
    return told


def _bound(path: Path) -> socket.socket:
    """A socket that its owner alone can connect to, from its first moment on. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)  # for nothing but the bind: a folder made under it couldn't be entered
    try:
        sock.bind(str(path))
    except OSError:
        sock.close()
        raise
    finally:
        os.umask(before)
    return sock


def _peer_uid(sock: socket.socket) -> int:
    credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])


def _sweep(path: Path) -> None:
    """Remove the sockets of processes that were killed. Their names say whose they are."""
    for one in sockets(path)[1:]:
        process = one.stem.rpartition("-")[2]
        if process.isdecimal() and not Path(f"/proc/{process}").exists():
            one.unlink(missing_ok=True)


def remove_stale(path: Path) -> None:
    """Remove the socket of a gateway that is gone. Raises `CannotListen` for anything else that is there."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise CannotListen(f"{path} is not a socket and is left as it is. Set another control.socket.")
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(path))
    except FileNotFoundError:
        return
    except ConnectionRefusedError:
        path.unlink()
        return
    raise CannotListen(f"another gateway answers on {path}. Stop it first, or set another control.socket.")
