"""A backend in TLS that speaks as long as it likes, whatever its client does. asyncio's servers stop then."""

import contextlib
import socket
import ssl
import threading
from typing import Self


class TlsBackend:
    """Lets everybody in, sends `octets`, and closes when its client has gone. One client at a time."""

    def __init__(self, context: ssl.SSLContext, octets: bytes) -> None:
        self._context, self._octets = context, octets
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listening.accept()
                sock.settimeout(20)
                with (
                    contextlib.suppress(OSError),
                    self._context.wrap_socket(sock, server_side=True) as client,
                ):
                    self._speak(client)

    def _speak(self, client: ssl.SSLSocket) -> None:
        client.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n")
        tag = client.recv(4096).split()[0]
        client.sendall(tag + b" OK in\r\n")
        tag = client.recv(4096).split()[0]
        client.sendall(tag + b" BAD nobody goes back to before the login\r\n" + self._octets)
        while client.recv(4096):
            pass
