"""The capabilities of a server, a line each (RFC 5804, section 1.7)."""

import re
from collections.abc import Iterable, Iterator

_NOT_REPEATED = frozenset((b"SASL", b"STARTTLS", b"UNAUTHENTICATE", b"XCLIENT"))
_LINE = re.compile(rb'"([!#-\[\]-~]{1,50})"(?: "((?:[^"\\\x00-\x1f\x7f]|\\["\\]){0,2000})")?')
# What every server has to say, for the time in which nobody could ask.
_LEAST = (b'"IMPLEMENTATION" "Wicketgate"', b'"SIEVE" ""', b'"VERSION" "1.0"')


def parse(line: bytes) -> tuple[bytes, bytes] | None:
    """The capability's name in upper case, and its value or b"". None for what is no capability."""
    match = _LINE.fullmatch(line)
    return (match[1].upper(), match[2] or b"") if match else None


def value(lines: Iterable[bytes], name: bytes) -> bytes | None:
    """What a capability says. None: it isn't offered."""
    return dict(found for line in lines if (found := parse(line))).get(name)


def announced(offered: Iterable[bytes], secure: bool) -> Iterator[bytes]:
    """What a client is told: the backend's, except for what the gateway does itself."""
    for line in tuple(offered) or _LEAST:
        found = parse(line)
        if found is not None and found[0] not in _NOT_REPEATED:
            yield line
    # In clear there is no mechanism to have (RFC 5804, section 1.7).
    yield b'"SASL" "PLAIN LOGIN"' if secure else b'"SASL" ""'
    if not secure:
        yield b'"STARTTLS"'
