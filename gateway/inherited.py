"""Listening sockets that were handed over by systemd or by the supervisor, as sd_listen_fds(3) says."""

import contextlib
import os
import socket
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass

from gateway.bound import look_up
from gateway.cannot_listen import CannotListen
from gateway.log import log

FIRST = 3  # SD_LISTEN_FDS_START
_MOST = 256
_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 (nothing is bound to it here)
_NAMELESS = "unknown"  # sd_listen_fds_with_names(3) calls those so that have no name
_VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
_BY_HAND = (
    "systemd sets it from socket units. Started by hand, the gateway needs none of it: "
    "unset LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES."
)


@dataclass(frozen=True, slots=True)
class InheritedSocket:
    """`name` is the FileDescriptorName= of the socket unit; `host` and `port` are where it's bound."""

    sock: socket.socket
    name: str
    host: str
    port: int

    @property
    def address(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def inherited_sockets(environ: MutableMapping[str, str]) -> tuple[InheritedSocket, ...]:
    """Those that were meant for this process. The variables are removed: our children shan't see them.

    Raises `CannotListen` for what can't be understood, and for what is no socket that clients connect to.
    """
    process, count, names = (environ.pop(name, "") for name in _VARIABLES)
    if process != str(os.getpid()):
        return ()
    if not (count.isascii() and count.isdigit() and int(count) <= _MOST):
        raise CannotListen(f"LISTEN_FDS is {count!r}; allowed is a number up to {_MOST}. {_BY_HAND}")
    named = names.split(":") if names else [_NAMELESS] * int(count)
    if len(named) != int(count):
        raise CannotListen(f"LISTEN_FDNAMES has {len(named)} names for {count} sockets. {_BY_HAND}")
    return tuple(_inherited(file, name) for file, name in enumerate(named, FIRST))


class HandedOver:
    """The sockets that nobody has taken yet."""

    __slots__ = ("_sockets", "_taken")

    def __init__(self, sockets: Iterable[InheritedSocket] = ()) -> None:
        self._sockets = list(sockets)
        self._taken: dict[socket.socket, InheritedSocket] = {}

    def take(self, label: str, host: str, port: int) -> socket.socket | None:
        """The listener's own socket: of its name, else at its address. None when it has to bind one.

        A socket that has the listener's name is meant for it, wherever it's bound.
        """
        ip = _ip(host, port)
        named = [one for one in self._sockets if one.name == label]
        at_the_port = [one for one in named or self._sockets if one.port == port]
        exact = [one for one in at_the_port if one.host == ip]
        # "ListenStream=993" is every address of the machine, be it "[::]" or, without IPv6, "0.0.0.0".
        everywhere = [one for one in at_the_port if {one.host, ip} <= _EVERYWHERE]
        found = next(iter(exact or everywhere or named), None)
        if found is None:
            return None
        self._sockets.remove(found)
        self._taken[found.sock] = found
        return found.sock

    def give_back(self, sock: socket.socket) -> bool:
        """Whether it was one of these; then it can be taken again.

        Whoever handed it over goes on listening on it, so nobody could bind another to its address.
        """
        one = self._taken.pop(sock, None)
        if one is not None:
            self._sockets.append(one)
        return one is not None

    def warn_of_the_rest(self) -> None:
        """Nobody accepts at a socket that no listener has taken: its clients would wait for ever."""
        for one in self._sockets:
            log.warning(
                "no listener uses a socket that was handed over; its clients get no answer. Set "
                "FileDescriptorName= in its socket unit to the name of a [[listener]], or remove the unit",
                socket=one.name,
                address=one.address,
            )


def _inherited(file: int, name: str) -> InheritedSocket:
    try:
        os.set_inheritable(file, False)
        sock = socket.socket(fileno=file)
    except OSError as error:
        why = f"is no socket ({error.strerror})"
    else:
        objection = _objection(sock)
        if objection is None:
            sock.setblocking(False)
            host, port = sock.getsockname()[:2]
            return InheritedSocket(sock, name, host, port)
        why = objection
        sock.close()
    raise CannotListen(
        f'"{name}", file {file} of those that were handed over, {why}. Allowed are listening TCP sockets: '
        "give its socket unit ListenStream= with a port or an IP address, and no Accept=yes."
    )


def _objection(sock: socket.socket) -> str | None:
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return "is a socket without an IP address"
    if sock.type != socket.SOCK_STREAM:
        return "is no stream socket"
    if not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return "is a socket that doesn't listen"
    return None


def _ip(host: str, port: int) -> str:
    """The address to bind to; empty when a name can't be looked up, which binding will tell better."""
    with contextlib.suppress(OSError):
        return look_up(host, port)[1]
    return ""
