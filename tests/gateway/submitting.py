"""A client that submits a message which shows whether anything on the way changes an octet."""

import smtplib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.gateway.before_dovecot import Mailhouse

# 8-bit text, lines that begin with dots, a lone dot, what looks like commands, a line of 990 octets, white
# space at the end.
BODY = b"\r\n".join(
    [
        b"From: dora@example.test",
        b"To: dora@example.test",
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: 8bit",
        b"",
        "Grüße aus Köln: äöüß €".encode(),
        b".",
        b"..two",
        b".QUIT",
        b"RSET",
        b"x" * 990,
        b"From here on  ",
        b"\ttabs",
        b"the end",
        b"",
    ]
)


@contextmanager
def client_of(house: Mailhouse, source: str = "127.0.0.2") -> Iterator[smtplib.SMTP_SSL]:
    """A client at the port with TLS. It isn't at the gateway's own address, as no real one is."""
    with smtplib.SMTP_SSL(
        "localhost",
        house.gateway.ports["smtps"],
        local_hostname="laptop.example.test",
        context=house.gateway.client_context(),
        source_address=(source, 0),
        timeout=20,
    ) as client:
        yield client


def submitted(
    client: smtplib.SMTP, login: str, password: str, to: Sequence[str], *options: str
) -> tuple[bytes, bytes]:
    """Log in and send a message with a mark of its own; returns mark and message."""
    mark = uuid.uuid4().hex
    message = head(mark) + BODY
    client.login(login, password)
    client.sendmail(login, to, message, [*options, "BODY=8BITMIME"])
    return mark.encode(), message


def head(mark: str) -> bytes:
    """Header lines that a server would add if they weren't there."""
    return f"Message-ID: <{mark}@laptop>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n".encode()
