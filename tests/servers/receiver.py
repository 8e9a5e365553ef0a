"""Another program that gets events by HTTP."""

import contextlib
import http.server
import json
import queue
import threading
from email.message import Message
from typing import Any

from store import users
from store.database import Database
from store.model import MfaState


class Receiver:
    """What it got is in `events`. `answers` are the codes of the next answers, given once it `may_answer`."""

    def __init__(self) -> None:
        self.events: queue.Queue[tuple[Message, bytes]] = queue.Queue()
        self.answers: list[int] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                code = receiver.answers.pop(0) if receiver.answers else 204
                if code == 204:
                    receiver.events.put((self.headers, body))
                if not receiver.may_answer.wait(60):
                    return
                self.send_response(code)
                if code == 302:
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self, login: str, event: str, seconds: float = 30) -> tuple[Message, bytes, dict[str, Any]]:
        """The next event of that kind about that user, with its headers."""
        while True:
            headers, body = self.events.get(timeout=seconds)
            told = json.loads(body)
            if (told["type"], told["data"]["login"]) == (event, login):
                return headers, body, told

    def begins(self, database: Database) -> None:
        """Until the first event comes: of what was before a portal has begun nobody is told."""
        while True:
            users.set_mfa(database, "begin@example.test", MfaState.ENABLED, actor="test")
            with contextlib.suppress(queue.Empty):
                self.events.get(timeout=2)
                return

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
