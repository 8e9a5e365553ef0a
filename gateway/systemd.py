"""What a process tells the one that started it: sd_notify(3), as datagrams of our own.

That is systemd, or the supervisor, which is to its workers what systemd is to it.
"""

import os
import socket
import time
from collections.abc import Mapping

_MAX_STATUS = 200


class Notifier:
    """Tells how we fare. Without NOTIFY_SOCKET in `environ` nobody asked, and nothing is told.

    It never blocks and never raises: nobody may stop serving because nobody listens.
    """

    __slots__ = ("_sock", "_unsent", "_where")

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._where = _address(environ.get("NOTIFY_SOCKET", ""))
        self._sock: socket.socket | None = None
        self._unsent: tuple[str, ...] = ()
        if self._where:
            self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def ready(self) -> None:
        """We serve; also at the end of a reload."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """A reload begins. systemd takes as its moment what we say, to tell old news from new."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self, within: float = 0.0) -> None:
        """We end, and ask for `within` seconds for it, should the unit's TimeoutStopSec be shorter."""
        extend = (f"EXTEND_TIMEOUT_USEC={int(within * 1_000_000)}",) if within > 0 else ()
        self._tell("STOPPING=1", *extend)

    def status(self, text: str) -> None:
        """A line for people, which `systemctl status` shows."""
        printable = "".join(letter if letter.isprintable() else " " for letter in text)
        self._tell(f"STATUS={printable[:_MAX_STATUS]}")

    def alive(self) -> None:
        """The watchdog may be at rest for another while."""
        self._tell("WATCHDOG=1")

    def close(self) -> None:
        """Tell nothing from now on."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _tell(self, *lines: str) -> None:
        """What the other side's full queue didn't take goes along with the next message."""
        if self._sock is None:
            return
        message = dict.fromkeys((*self._unsent, *lines))
        self._unsent = ()
        try:
            self._sock.sendto("\n".join(message).encode(), self._where)
        except BlockingIOError:
            self._unsent = tuple(line for line in message if not line.startswith(("STATUS=", "WATCHDOG=")))
        except OSError:
            return  # nobody is there any more, and nothing is left to be told


def watchdog_seconds(environ: Mapping[str, str]) -> float | None:
    """How long the watchdog waits for a sign of life; None when none waits for this process."""
    wait, process = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not (wait.isascii() and wait.isdigit()) or int(wait) == 0:
        return None
    if process and process != str(os.getpid()):
        return None
    return int(wait) / 1_000_000


def _address(where: str) -> str:
    """As the kernel takes it: an abstract address begins with NUL (unix(7)), which no variable holds."""
    if where.startswith("@"):
        return "\0" + where[1:]
    return where if where.startswith("/") else ""
