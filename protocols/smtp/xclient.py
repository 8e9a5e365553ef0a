"""XCLIENT: tells a backend who the client is, and who the user (www.postfix.org/XCLIENT_README.html).

From then on the backend takes the session for the client's own, with all that it allows or forbids to that
address. It forgets the EHLO and greets anew.
"""

import re
from collections.abc import Iterator

from protocols.terms import BackTerms, Client

_HOST_NAME = re.compile(rb"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_])?")
_ADDRESS_LITERAL = re.compile(rb"\[(?:[0-9.]{7,15}|(?i:IPv6):[0-9A-Fa-f:.]{2,45})\]")
_XTEXT = re.compile(rb"[^!-*,-<>-~]")  # RFC 3461, section 4: printable, but neither + nor =


def helo_name(client: Client | None) -> bytes:
    """What to say in EHLO: the client's own word where it is a name or an address, else its real address.

    Clients call themselves anything, and none may be refused for it.
    """
    if client is not None and (_HOST_NAME.fullmatch(client.name) or _ADDRESS_LITERAL.fullmatch(client.name)):
        return client.name
    return address_literal(client)


def address_literal(client: Client | None) -> bytes:
    """RFC 5321, section 4.1.3. Without a client, our own address."""
    return b"[" + (_address(client) if client is not None else b"127.0.0.1") + b"]"


def attributes(terms: BackTerms, client: Client, understood: frozenset[bytes]) -> bytes:
    """Those of the command that the backend understands; b"" if it understands none of ours."""
    return b" ".join(name + b"=" + value for name, value in _attributes(terms, client) if name in understood)


def _attributes(terms: BackTerms, client: Client) -> Iterator[tuple[bytes, bytes]]:
    # The names are ours until they are replaced, and rules may go by them.
    yield b"NAME", b"[UNAVAILABLE]"
    yield b"REVERSE_NAME", b"[UNAVAILABLE]"
    yield b"ADDR", _address(client)
    yield b"PORT", b"%d" % client.port
    if terms.credentials is None:
        # Whom LOGIN names is logged in: together with AUTH it would be a second login.
        yield b"LOGIN", _xtext(terms.login)


def _address(client: Client) -> bytes:
    return b"IPV6:" + client.address if b":" in client.address else client.address


def _xtext(value: bytes) -> bytes:
    return _XTEXT.sub(lambda match: b"+%02X" % ord(match[0]), value)
