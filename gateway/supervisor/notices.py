"""Hears what workers tell: the supervisor is to them what systemd is to a service (sd_notify(3))."""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from gateway.cannot_listen import CannotListen

_MOST = 4096
_AT_ONCE = 64
_CREDENTIALS = struct.Struct("3i")  # struct ucred: process, user, group
OnNotice = Callable[[int, dict[str, str]], None]


class Notices:
    """A datagram socket beside the control socket. The kernel says which process sent a datagram."""

    __slots__ = ("_loop", "_on_notice", "_sock", "path")

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop, on_notice: OnNotice) -> None:
        """`on_notice` gets the process and what it says. Raises `CannotListen`."""
        self.path = path
        self._loop = loop
        self._on_notice = on_notice
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        try:
            self._bind()
        except CannotListen:
            self._sock.close()
            raise
        except OSError as error:
            self._sock.close()
            raise CannotListen(
                f"the socket {path}, on which workers tell how they fare, can't be made: "
                f"{error.strerror or error}. Let the user that runs the gateway write its folder, or set "
                "another control.socket; with workers, its path may have at most 90 bytes."
            ) from None
        loop.add_reader(self._sock.fileno(), self.read)

    def read(self) -> None:
        """Take what is there now."""
        for _ in range(_AT_ONCE):
            try:
                data, ancillary, _, _ = self._sock.recvmsg(_MOST, socket.CMSG_SPACE(_CREDENTIALS.size))
            except OSError:
                return
            for level, kind, value in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                    process = _CREDENTIALS.unpack(value[: _CREDENTIALS.size])[0]
                    self._on_notice(process, _fields(data))

    def close(self) -> None:
        self._loop.remove_reader(self._sock.fileno())
        self._sock.close()
        with contextlib.suppress(OSError):
            self.path.unlink()

    def _bind(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        _remove_stale(self.path)
        before = os.umask(0o177)
        try:
            self._sock.bind(str(self.path))
        finally:
            os.umask(before)


def _fields(data: bytes) -> dict[str, str]:
    pairs = (line.partition("=") for line in data.decode("utf-8", "replace").split("\n"))
    return {key: value for key, _, value in pairs if key}


def _remove_stale(path: Path) -> None:
    """Remove the socket of a supervisor that is gone. Raises `CannotListen` when one is there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(str(path))
        except FileNotFoundError:
            return
        except ConnectionRefusedError:
            path.unlink()
            return
    raise CannotListen(f"another gateway answers on {path}. Stop it first, or set another control.socket.")
