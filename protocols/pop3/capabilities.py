"""The capabilities of a server, a line of CAPA each (RFC 2449)."""

import re
from collections.abc import Iterable, Iterator

MECHANISMS = b"PLAIN LOGIN"
# We send both kinds of response codes, and read commands ahead.
_OURS = (b"RESP-CODES", b"AUTH-RESP-CODE", b"PIPELINING")
_USUAL = (b"TOP", b"UIDL")  # what nearly every server has, for the time in which nobody could ask
_NOT_REPEATED = frozenset((b"USER", b"SASL", b"STLS", b"XCLIENT", b"IMPLEMENTATION", b"APOP", *_OURS))
_LINE = re.compile(rb"[!-\-/-~]{1,50}(?: [ -~]{0,200})?")  # a name has no dot (RFC 2449, section 3)


def name(line: bytes) -> bytes:
    """The capability's name, in upper case."""
    return line.split(b" ", 1)[0].upper()


def mechanisms(lines: Iterable[bytes]) -> frozenset[bytes]:
    """Those of SASL, in upper case."""
    return frozenset(word for line in lines if name(line) == b"SASL" for word in line.upper().split()[1:])


def has(lines: Iterable[bytes], wanted: bytes) -> bool:
    """Whether a capability is offered; `wanted` is in upper case."""
    return any(name(line) == wanted for line in lines)


def announced(offered: Iterable[bytes], secure: bool) -> Iterator[bytes]:
    """What a client is told: the backend's, except for what the gateway does itself."""
    yield from _OURS
    for line in tuple(offered) or _USUAL:
        if _LINE.fullmatch(line) and name(line) not in _NOT_REPEATED:
            yield line
    if secure:
        yield b"USER"
        yield b"SASL " + MECHANISMS
    else:
        yield b"STLS"
