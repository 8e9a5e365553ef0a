"""The service extensions that a server offers in answer to EHLO (RFC 5321, section 4.1.1.1)."""

import re
from collections.abc import Iterable, Iterator

MECHANISMS = b"LOGIN PLAIN"
# What the gateway does itself, and what no client is to have of the backend before or after the login.
# X-ANONYMOUSTLS and X-EXPS are Exchange's own STARTTLS and AUTH; PIPECONNECT is Exim's, and invites clients
# to speak before the greeting.
_NOT_REPEATED = frozenset(
    (
        b"STARTTLS",
        b"X-ANONYMOUSTLS",
        b"AUTH",
        b"X-EXPS",
        b"XCLIENT",
        b"XFORWARD",
        b"PIPECONNECT",
        b"X_PIPE_CONNECT",
    )
)
_LINE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9-]*(?:[ =][!-~ ]*)?")
_WORD_END = re.compile(rb"[ =]")


def keyword(line: bytes) -> bytes:
    """The extension's name in upper case. `AUTH=` is an old way to say AUTH."""
    return _WORD_END.split(line, maxsplit=1)[0].upper()


def parameters(lines: Iterable[bytes], name: bytes) -> frozenset[bytes] | None:
    """What the extension's lines say behind its name, in upper case. None: it isn't offered."""
    found = [_WORD_END.split(line.upper())[1:] for line in lines if keyword(line) == name]
    return frozenset(word for words in found for word in words if word) if found else None


def repeated(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Those of a backend that clients are told of before the login."""
    for line in lines:
        if _LINE.fullmatch(line) and keyword(line) not in _NOT_REPEATED:
            yield line
