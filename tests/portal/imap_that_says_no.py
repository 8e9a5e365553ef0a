"""An IMAP server that refuses every login: at once, after a time, or when a test says so."""

import socketserver
import threading
import time
from base64 import b64decode
from queue import Queue
from typing import Self

from tests.servers.ports import free_ports

_WAITS = b"waits"  # for a test's word, if the login name begins with this


class ImapThatSaysNo:
    """`seconds` it takes for each. `asked` has the login names in order; `release` lets some that wait go."""

    def __init__(self, seconds: float = 0.0) -> None:
        [self.port] = free_ports(1)
        self.asked: Queue[bytes] = Queue()
        self._seconds = seconds
        self._turns = threading.Semaphore(0)

    def release(self, number: int = 1) -> None:
        self._turns.release(number)

    def __enter__(self) -> Self:
        server = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n")
                while line := self.rfile.readline():
                    tag, word, *_ = line.split()
                    if word == b"AUTHENTICATE":
                        self.wfile.write(b"+ \r\n")
                        server._judge(self.rfile.readline())
                        self.wfile.write(tag + b" NO [AUTHENTICATIONFAILED] no\r\n")
                    else:
                        self.wfile.write(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True
            block_on_close = False
            request_queue_size = 200

            def handle_error(self, request: object, address: object) -> None:
                """The portal has given up, which is no concern of ours."""

        self._server = Server(("127.0.0.1", self.port), Session)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release(1000)
        self._server.shutdown()
        self._server.server_close()

    def _judge(self, response: bytes) -> None:
        login = b64decode(response).split(b"\0")[1]
        self.asked.put(login)
        if login.startswith(_WAITS):
            self._turns.acquire()
        else:
            time.sleep(self._seconds)
