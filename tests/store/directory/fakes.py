"""Servers that are no directory: one that says fixed words, and one at which nobody should call."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread


class Scripted:
    """Answers each packet of its client with the next of `answers`, and remembers what it got.

    An answer of None is a refusal of StartTLS.
    """

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = answers
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = Thread(target=self._serve, daemon=True)
        self.got: list[bytes] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> "Scripted":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
        self._listening.close()

    def _serve(self) -> None:
        client, _ = self._listening.accept()
        with client:
            client.settimeout(10)
            for answer in self._answers:
                self.got.append(client.recv(4096))
                client.sendall(answer if answer is not None else no_starttls(self.got[-1]))
            # Until the client hangs up.
            while data := client.recv(4096):
                self.got.append(data)


def no_starttls(request: bytes) -> bytes:
    """RFC 4511, section 4.12: an ExtendedResponse with protocolError (2), for the request's message ID."""
    message_id = request[2 : 4 + request[3]]
    rest = message_id + bytes.fromhex("78070a010204000400")
    return bytes((0x30, len(rest))) + rest


@contextmanager
def nobody_calls() -> Iterator[int]:
    """The port of a server; at the end, nobody may have connected to it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]
        listening.setblocking(False)
        try:
            listening.accept()
        except BlockingIOError:
            return
        raise AssertionError("somebody connected")
