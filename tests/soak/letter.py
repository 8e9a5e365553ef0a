"""The messages of the soak test: each is made again from its number, so nothing has to be kept of it."""

import random
import re
from dataclasses import dataclass

from tests.gateway.before_dovecot import STATES

PEOPLE = tuple(STATES)
_NUMBER = re.compile(rb"\AMessage-ID: <soak-(\d+)@laptop\.example\.test>\r\n")
_LARGE = 2**20
# What a server would stumble over that looks into content: ends, dots, commands, replies.
_ODD = (
    b"",
    b".",
    b"..",
    b".QUIT",
    b"RSET",
    b"MAIL FROM:<dora@example.test>",
    b"BDAT 5 LAST",
    b"250 2.0.0 Ok",
    b"From here on  ",
    b"\ttabs\t",
    "Grüße aus Köln: €".encode(),
)
# RFC 5321, section 4.5.3.1.6: at most 998 octets before CRLF. What is longer, servers have to bear.
_LONG = (997, 998, 4001)
# For each octet that came by chance one that may be in a line: no NUL, CR or LF.
_OCTETS = [octet for octet in range(1, 256) if octet not in b"\r\n"]
_IN_LINES = bytes(_OCTETS[octet % len(_OCTETS)] for octet in range(256))


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in octets, and the addresses it goes to."""

    number: int
    to: tuple[str, ...]
    message: bytes


def letter(seed: int, number: int) -> Letter:
    """The letter of that number; the same each time."""
    chance = random.Random(f"{seed} {number}")
    to = tuple(chance.sample(PEOPLE, chance.choice((1, 1, 1, 2))))
    return Letter(number, to, _head(number, to) + _body(chance))


def number_of(message: bytes) -> int | None:
    """Which letter a message says it is."""
    found = _NUMBER.match(message)
    return int(found[1]) if found else None


def _head(number: int, to: tuple[str, ...]) -> bytes:
    """With all that a server would add if it weren't there."""
    lines = [
        f"Message-ID: <soak-{number}@laptop.example.test>",
        "Date: Tue, 24 Nov 2026 10:00:00 +0000",
        "From: soak@example.test",
        f"To: {', '.join(to)}",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "\r\n",
    ]
    return "\r\n".join(lines).encode()


def _body(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.01:
        size = _LARGE
    elif kind < 0.1:
        size = chance.randrange(100_000)
    else:
        size = chance.randrange(8_000)
    lines: list[bytes] = []
    while size > 0:
        lines.append(_line(chance, size))
        size -= len(lines[-1]) + 2
    return b"".join(line + b"\r\n" for line in lines)


def _line(chance: random.Random, most: int) -> bytes:
    kind = chance.random()
    if kind < 0.2:
        return chance.choice(_ODD)
    length = chance.choice(_LONG) if kind < 0.25 else chance.randrange(1, 400)
    return chance.randbytes(min(length, most)).translate(_IN_LINES)
