"""A message that shows whether anything on the way changes an octet, and clients that fetch it."""

import imaplib
import subprocess
from typing import Any

# 8-bit text, a lone dot, what looks like IMAP, a long line, white space at the end.
MESSAGE = b"\r\n".join(
    [
        b"From: dora@example.test",
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: 8bit",
        b"",
        "Grüße aus Köln: äöüß €".encode(),
        b".",
        b"a OK [ALERT] {5}",
        b"* BYE",
        b"x" * 900,
        b"From here on  ",
        b"\ttabs",
        b"the end",
        b"",
    ]
)


def run(*command: object, text: bytes | None = None, **options: Any) -> bytes:
    """What the command printed. Raises AssertionError with all that it said if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, input=text, capture_output=True, timeout=50, **options)
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")
    return done.stdout


def fetched(client: imaplib.IMAP4, mailbox: str = "INBOX", number: str = "1") -> bytes:
    """One message, unchanged by the fetching."""
    client.select(mailbox, readonly=True)
    return client.fetch(number, "(BODY.PEEK[])")[1][0][1]
