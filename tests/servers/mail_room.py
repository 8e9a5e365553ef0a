"""A small SMTP server whose faults a test chooses. It keeps its port while it's down."""

import ssl
import time
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.ports import free_ports


class MailRoom:
    """`sent` are recipients and texts. Recipients in `refused` are refused for good."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        [self.port] = free_ports(1)
        self.sent: list[tuple[str, str]] = []
        self.refused: set[str] = set()
        self._tls = tls
        self._controller: Controller | None = None

    async def handle_RCPT(  # noqa: N802 (aiosmtpd calls it so)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        read = message_from_bytes(envelope.content, policy=default)
        self.sent += [(to, read.get_content()) for to in envelope.rcpt_tos]
        return "250 OK"

    def start(self) -> None:
        self._controller = Controller(
            self, "127.0.0.1", self.port, tls_context=self._tls, ready_timeout=30, server_hostname="localhost"
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def got(self, to: str, mark: str, seconds: float = 30) -> list[str]:
        """All for that address, once one has the mark in it. Raises AssertionError if none ever has."""
        end = time.monotonic() + seconds
        while True:
            mine = [text for who, text in self.sent if who == to]
            if any(mark in text for text in mine):
                return mine
            assert time.monotonic() < end, f"no mail with {mark!r} for {to}: {self.sent}"
            time.sleep(0.05)
