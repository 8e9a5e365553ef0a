"""What a mail server has delivered into a Maildir."""

import time
from pathlib import Path


def messages(maildir: Path) -> list[bytes]:
    """All of them as they were sent: with CRLF, and without what the server put in front."""
    new = maildir / "new"
    return [_without_trace(file.read_bytes()) for file in sorted(new.iterdir())] if new.is_dir() else []


def arrived(maildir: Path, mark: bytes, seconds: float = 20) -> bytes:
    """The message that has these octets in it, once it's there. Raises AssertionError if it never is."""
    deadline = time.monotonic() + seconds
    while not (found := [message for message in messages(maildir) if mark in message]):
        assert time.monotonic() < deadline, f"no message with {mark!r} has arrived in {maildir}"
        time.sleep(0.02)
    assert len(found) == 1, f"{len(found)} messages with {mark!r}"
    return found[0]


def _without_trace(message: bytes) -> bytes:
    """Servers put Return-Path and the like first, and then a Received each."""
    lines = message.split(b"\n")
    at = next(index for index, line in enumerate(lines) if line.startswith(b"Received:"))
    while lines[at].startswith((b"Received:", b" ", b"\t")):
        at += 1
    return b"\r\n".join(lines[at:])
