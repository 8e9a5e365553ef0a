"""One connection to a backend, to see whether it is there and whether its certificate is right.

It blocks: only commands use it, never the gateway itself. No credentials are sent.
"""

import socket
import ssl
import time
from dataclasses import dataclass
from functools import partial

from config import Address, Backend
from gateway.tls import client_context

MAX_LINE = 8192
MAX_LINES = 50
READ = 4096


@dataclass(frozen=True, slots=True)
class Probe:
    """What a try at one address gave: `what` says it in words."""

    protocol: str
    address: Address
    ok: bool
    what: str


class ProbeError(Exception):
    """The backend can't be used; str() says why."""


def probe(backend: Backend, address: Address, seconds: float) -> Probe:
    """Connect, start TLS as configured and wait for the greeting, all within `seconds`."""
    result = partial(Probe, backend.protocol, address)
    deadline = time.monotonic() + seconds
    try:
        with socket.create_connection((address.host, address.port), timeout=seconds) as wire:
            return result(True, _talk(backend, address, wire, deadline))
    except ssl.SSLCertVerificationError as error:
        return result(False, f"the certificate is not accepted: {error.verify_message}")
    except ssl.SSLError as error:
        return result(False, f"no TLS: {error.reason or 'the connection was closed in the handshake'}")
    except TimeoutError:
        return result(False, f"no answer within {seconds:g} seconds (limits.backend_seconds)")
    except OSError as error:
        return result(False, f"no connection: {error.strerror or error}")
    except ValueError:
        return result(False, "the name can't be looked up or stand in a certificate; set server_name")
    except ProbeError as error:
        return result(False, str(error))


def _talk(backend: Backend, address: Address, wire: socket.socket, deadline: float) -> str:
    if backend.tls == "implicit":
        with _secured(backend, address, wire, deadline) as secured:
            _greeting(_Lines(secured, deadline))
            return _described(backend, secured)
    lines = _Lines(wire, deadline)
    _greeting(lines)
    if backend.tls == "none":
        return "reached, without TLS"
    _start_tls(wire, lines)
    with _secured(backend, address, wire, deadline) as secured:
        return _described(backend, secured)


def _greeting(lines: "_Lines") -> None:
    if not lines.read().startswith(b"* OK"):
        raise ProbeError("its greeting is not that of an IMAP server that is ready for a login")


def _start_tls(wire: socket.socket, lines: "_Lines") -> None:
    wire.sendall(b"a STARTTLS\r\n")
    for _ in range(MAX_LINES):
        line = lines.read()
        if line.startswith(b"a "):
            break
    if not line.startswith(b"a OK"):
        raise ProbeError("it refuses STARTTLS")
    if lines.rest:
        raise ProbeError("it sent bytes between its answer to STARTTLS and the handshake")


def _secured(backend: Backend, address: Address, wire: socket.socket, deadline: float) -> ssl.SSLSocket:
    context = client_context(backend.ca_file, backend.verify)
    wire.settimeout(_left(deadline))
    return context.wrap_socket(wire, server_hostname=backend.server_name or address.host)


def _described(backend: Backend, secured: ssl.SSLSocket) -> str:
    return f"{secured.version()}, certificate {'verified' if backend.verify else 'NOT verified'}"


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Lines:
    """Bounded lines from a socket; `rest` is what came behind the last one."""

    def __init__(self, wire: socket.socket, deadline: float) -> None:
        self.rest = b""
        self._wire = wire
        self._deadline = deadline

    def read(self) -> bytes:
        while b"\n" not in self.rest:
            if len(self.rest) > MAX_LINE:
                raise ProbeError(f"it sent a line of more than {MAX_LINE} bytes")
            self._wire.settimeout(_left(self._deadline))
            data = self._wire.recv(READ)
            if not data:
                raise ProbeError("it closed the connection")
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\n")
        return line
