"""One connection to a backend: is it there, does it speak its protocol, and is its certificate right?

It blocks: only commands use it, never the gateway itself. `probe` sends no credentials.
"""

import socket
import ssl
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from config import Address, Backend
from gateway.connection import CHUNK
from gateway.dialogues import DIALOGUES
from gateway.tls import client_context
from protocols.dialogue import (
    Credentials,
    Dialogue,
    LoginResult,
    Outcome,
    ProtocolError,
    Read,
    Send,
    StartTLS,
)
from protocols.terms import BackTerms
from store.printable import printable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Probe:
    """What a try at one address gave: `what` says it in words."""

    protocol: str
    address: Address
    ok: bool
    what: str


def probe(backend: Backend, address: Address, seconds: float) -> Probe:
    """Connect, start TLS as configured and ask what the backend offers, all within `seconds`."""
    deadline = time.monotonic() + seconds
    try:
        with closing(_Wire(backend, address, _connected(address, seconds), deadline)) as wire:
            return Probe(backend.protocol, address, True, wire.talk())
    except (_NotReached, OSError, ValueError, EOFError, ProtocolError) as error:
        return Probe(backend.protocol, address, False, _why(error, backend, seconds))


class CannotTell(Exception):
    """Whether a backend takes a user could not be found out; str() says why."""


def takes(backend: Backend, credentials: Credentials, seconds: float) -> bool:
    """Whether the backend's first address takes these credentials. Raises `CannotTell`."""
    address, deadline = backend.address[0], time.monotonic() + seconds
    try:
        with closing(_Wire(backend, address, _connected(address, seconds), deadline)) as wire:
            result = wire.log_in(credentials)
    except (_NotReached, OSError, ValueError, EOFError, ProtocolError) as error:
        raise CannotTell(_why(error, backend, seconds)) from None
    if result.outcome not in (Outcome.ACCEPTED, Outcome.REJECTED):
        raise CannotTell(f"it could not decide: {printable(result.text.decode('utf-8', 'replace'), 200)}")
    return result.outcome is Outcome.ACCEPTED


def _why(error: Exception, backend: Backend, seconds: float) -> str:
    right = f'are protocol = "{backend.protocol}" and tls = "{backend.tls}" right for this port?'
    match error:
        case _NotReached():
            return f"no connection: {error}"
        case ssl.SSLCertVerificationError():
            return f"the certificate is not accepted: {error.verify_message}"
        case ssl.SSLError():
            return f"no TLS: {error.reason or 'the connection was closed in the handshake'}"
        case TimeoutError():
            return f"no answer within {seconds:g} seconds (limits.backend_seconds)"
        case ProtocolError():
            return f"{error}; {right}"
        case EOFError() | ConnectionError():
            return f"it closed the connection; {right}"
        case OSError():
            return f"the connection broke: {error.strerror or error}"
    return "the name can't be looked up or stand in a certificate; set server_name"


class _NotReached(Exception):
    """Nobody listens there, or the way there is closed; str() says why."""


def _connected(address: Address, seconds: float) -> socket.socket:
    try:
        return socket.create_connection((address.host, address.port), timeout=seconds)
    except TimeoutError:
        raise
    except OSError as error:
        raise _NotReached(error.strerror or str(error)) from None


class _Wire:
    """A blocking socket, with TLS or without."""

    def __init__(self, backend: Backend, address: Address, sock: socket.socket, deadline: float) -> None:
        self._backend = backend
        self._address = address
        self._sock = sock
        self._deadline = deadline

    def talk(self) -> str:
        """Hold the dialogue by which the gateway learns what is offered. Returns how it was reached."""
        if self._backend.tls == "implicit":
            self._start_tls()
        self._hold(DIALOGUES[self._backend.protocol].probe(self._backend.tls == "starttls"))
        if not isinstance(self._sock, ssl.SSLSocket):
            return "reached, without TLS"
        return f"{self._sock.version()}, certificate {'verified' if self._backend.verify else 'NOT verified'}"

    def log_in(self, credentials: Credentials) -> LoginResult:
        """What it says to these credentials."""
        if self._backend.tls == "implicit":
            self._start_tls()
        terms = BackTerms(
            credentials,
            credentials.username,
            starttls=self._backend.tls == "starttls",
            trusted=frozenset(command.encode() for command in self._backend.trusted_commands),
        )
        result, _ = self._hold(DIALOGUES[self._backend.protocol].back(terms))
        return result

    def close(self) -> None:
        self._sock.close()

    def _hold(self, dialogue: Dialogue[T]) -> T:
        reply = None
        while True:
            try:
                request = dialogue.send(reply)
            except StopIteration as end:
                value: T = end.value
                return value
            reply = None
            self._sock.settimeout(self._seconds_left())
            if isinstance(request, Read):
                reply = self._sock.recv(CHUNK)
            elif isinstance(request, Send):
                self._sock.sendall(request.data)
            else:
                assert isinstance(request, StartTLS), "a probe never asks for a login"
                self._start_tls()

    def _start_tls(self) -> None:
        context = client_context(self._backend.ca_file, self._backend.verify)
        self._sock.settimeout(self._seconds_left())
        server_name = self._backend.server_name or self._address.host
        self._sock = context.wrap_socket(self._sock, server_hostname=server_name)

    def _seconds_left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left
