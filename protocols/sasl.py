"""SASL PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login), both directions.

App passwords are stored as hashes, so the mechanisms that need the clear text at the server can't be offered.
"""

import binascii
from collections.abc import Callable
from enum import Enum

from protocols.dialogue import Credentials, Dialogue

MECHANISMS = (b"PLAIN", b"LOGIN")
MAX_RESPONSE = 12288  # RFC 4954, section 4, asks for this length at least
USERNAME_PROMPT = b"Username:"  # some clients compare these two prompts byte by byte
PASSWORD_PROMPT = b"Password:"


class Malformed(Enum):
    """Why an exchange gave no credentials."""

    CANCELLED = b"The login was cancelled"
    TOO_LONG = b"That is too long: a response may have 12288 bytes"
    BASE64 = b"That is not valid base64"
    MESSAGE = b"That is not a valid response for this mechanism"
    AUTHZID = b"Logging in on behalf of another user is not offered"


Ask = Callable[[bytes], Dialogue[bytes]]


def decode(line: bytes) -> bytes | Malformed:
    """One response as it stands on the line: strict base64, or `*` to cancel (RFC 4422, section 3.4)."""
    if line == b"*":
        return Malformed.CANCELLED
    if len(line) > MAX_RESPONSE:
        return Malformed.TOO_LONG
    try:
        message = binascii.a2b_base64(line, strict_mode=True)
    except binascii.Error:
        return Malformed.BASE64
    # Python's strict mode lets padding pass that isn't needed, and bits that nobody reads.
    return message if encode(message) == line else Malformed.BASE64


def encode(message: bytes) -> bytes:
    """A message as base64 on one line."""
    return binascii.b2a_base64(message, newline=False)


def exchange(mechanism: bytes, initial: bytes | None, ask: Ask) -> Dialogue[Credentials | Malformed]:
    """The server's side. `initial` is the initial response as it stood on the line, if there was one.

    `ask` sends a challenge in the protocol's own wrapping and returns the line that answers it.
    """
    if initial == b"=":  # an empty initial response says nothing: ask for the real one
        initial = None
    if mechanism == b"PLAIN":
        message = decode(initial if initial is not None else (yield from ask(b"")))
        return message if isinstance(message, Malformed) else parse_plain(message)
    username = decode(initial if initial is not None else (yield from ask(USERNAME_PROMPT)))
    if isinstance(username, Malformed):
        return username
    password = decode((yield from ask(PASSWORD_PROMPT)))
    if isinstance(password, Malformed):
        return password
    return Credentials(username, password)


def parse_plain(message: bytes) -> Credentials | Malformed:
    """[authzid] NUL authcid NUL password. An authzid may only repeat the authcid, as Apple's clients do."""
    parts = message.split(b"\0")
    if len(parts) != 3 or not parts[1]:
        return Malformed.MESSAGE
    authzid, username, password = parts
    if authzid not in (b"", username):
        return Malformed.AUTHZID
    return Credentials(username, password)


def plain(credentials: Credentials) -> bytes:
    """The client's message."""
    return b"\0".join((credentials.authzid, credentials.username, credentials.password))
