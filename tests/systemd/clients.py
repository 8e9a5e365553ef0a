"""IMAP clients of the machine's gateway: single ones, and a crowd that comes and goes all the time."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Self

from tests.systemd.machine import Machine

_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Account:
    """How to get in: at which port, whom to trust, and with what."""

    port: int
    context: ssl.SSLContext
    login: str
    secret: str


class Client:
    """One that is in. Whatever isn't as it should be raises AssertionError or OSError."""

    def __init__(self, plain: socket.socket, account: Account) -> None:
        self._sock = account.context.wrap_socket(plain, server_hostname="localhost")
        self._file = self._sock.makefile("rb")
        assert self._file.readline().startswith(b"* OK")
        self.command(f'LOGIN {account.login} "{account.secret}"')

    @classmethod
    def of(cls, machine: Machine, account: Account) -> Self:
        return cls(machine.connect(account.port, _SECONDS), account)

    def command(self, text: str) -> None:
        """It has to be answered with OK."""
        self._sock.sendall(f"a {text}\r\n".encode())
        while not (line := self._file.readline()).startswith(b"a "):
            assert line, f"the connection was cut at {text}"
            assert text == "LOGOUT" or not line.startswith(b"* BYE"), line
        assert line.startswith(b"a OK"), line

    def leave(self) -> None:
        self.command("LOGOUT")
        self.close()

    def close(self) -> None:
        self._file.close()
        self._sock.close()


@dataclass(slots=True)
class Crowd:
    """What the clients of a crowd met with."""

    served: int = 0
    errors: list[BaseException] = field(default_factory=list)


@contextlib.contextmanager
def crowd(machine: Machine, account: Account, visitors: int = 3, guests: int = 3) -> Iterator[Crowd]:
    """Until the end of the block, visitors log in and out all the time, and guests stay for two seconds each.

    At the end all have logged out, and none of them was refused or cut, or the block fails.
    """
    over, met = Event(), Crowd()
    stays = [0] * visitors + [8] * guests
    threads = [Thread(target=_come_again, args=(machine, account, stay, over, met)) for stay in stays]
    for thread in threads:
        thread.start()
    try:
        machine.wait_until(lambda: bool(met.errors) or met.served > visitors, "the crowd is at the door")
        yield met
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert met.errors == []


def _come_again(machine: Machine, account: Account, stay: int, over: Event, met: Crowd) -> None:
    machine.enter_network()
    try:
        while not over.is_set():
            client = Client(socket.create_connection(("127.0.0.1", account.port), _SECONDS), account)
            for _ in range(stay):
                over.wait(0.25)  # a person reads for a while
                client.command("NOOP")
            client.leave()
            met.served += 1
    except (OSError, AssertionError) as error:
        met.errors.append(error)
