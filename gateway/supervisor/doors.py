"""The listening sockets. They stay open while workers come and go, so that no client is ever refused."""

import contextlib
import socket
from collections.abc import Iterable

from config import Listener
from gateway.bound import bound, listen
from gateway.inherited import HandedOver

_Address = tuple[str, int]


class Doors:
    """Binds sockets, or takes those that were handed over, and keeps them by address."""

    __slots__ = ("_handed_over", "_open")

    def __init__(self, handed_over: HandedOver) -> None:
        self._handed_over = handed_over
        self._open: dict[_Address, socket.socket] = {}

    def open(self, listeners: Iterable[Listener]) -> list[tuple[str, int]]:
        """The name and the file of each listener's socket. Raises `CannotListen`, with all as before."""
        with contextlib.ExitStack() as on_error:
            for one in listeners:
                if _address(one) not in self._open:
                    self._open[_address(one)] = self._socket(one)
                    on_error.callback(self._close, _address(one))
            on_error.pop_all()
        self._handed_over.warn_of_the_rest()
        return [(_name(one), self._open[_address(one)].fileno()) for one in listeners]

    def close_others(self, listeners: Iterable[Listener]) -> None:
        """Close the sockets that none of these listeners uses."""
        used = {_address(one) for one in listeners}
        for address in self._open.keys() - used:
            self._close(address)

    def close(self) -> None:
        """Close all. What the workers have goes on until they close it too."""
        self.close_others(())

    def _socket(self, listener: Listener) -> socket.socket:
        host, port = _address(listener)
        sock = self._handed_over.take(listener.label, host, port)
        if sock is None:
            sock = bound(host, port, client_speaks_first=listener.tls == "implicit")
        listen(sock)
        return sock

    def _close(self, address: _Address) -> None:
        sock = self._open.pop(address)
        if not self._handed_over.give_back(sock):
            sock.close()


def _address(listener: Listener) -> _Address:
    return listener.address.host, listener.address.port


def _name(listener: Listener) -> str:
    """For LISTEN_FDNAMES, where a colon separates names. One that has a colon is found by its address."""
    return "unknown" if ":" in listener.label or not listener.label.isascii() else listener.label
