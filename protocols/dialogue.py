"""What a dialogue may ask for, and the buffer that it reads from.

A protocol is a dialogue, and a dialogue is a generator: it yields one of the requests below and is sent the
answer. Whoever runs it (the gateway with a socket, a test with a transcript) carries the request out.
"""

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class ProtocolError(Exception):
    """The peer broke the protocol in a way that ends the connection. The text is for our log."""

    def sentence(self) -> bytes:
        """The same for the peer."""
        text = str(self)
        return (text[:1].upper() + text[1:]).encode()


class AnsweredTooSoon(ProtocolError):
    """The peer answered before it was asked: what it said is no answer to what it hadn't heard."""

    def __init__(self) -> None:
        super().__init__("the backend answered before it was asked")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client presents, exactly as it was sent."""

    username: bytes
    password: bytes = field(repr=False)
    authzid: bytes = b""


class Outcome(Enum):
    """How a login ended, in the grain that a client may learn."""

    ACCEPTED = auto()
    REJECTED = auto()  # wrong credential, and all that must look like it
    APP_PASSWORD_REQUIRED = auto()  # said only where strangers may learn it
    EXPIRED = auto()
    FORBIDDEN = auto()  # right credential, but not here
    BLOCKED = auto()
    LIMITED = auto()  # too many sessions, or too many failed logins: a temporary answer
    UNAVAILABLE = auto()  # nobody could decide: always a temporary answer


@dataclass(frozen=True, slots=True)
class LoginResult:
    """The answer to `Login`. The text is the backend's own words when accepted, else a sentence for the user.

    `pipelined`: the client sent more before it could have known the answer. `delegated`: the backend knows
    the gateway, not the user in whose name it acts (an authorization identity, RFC 4513, section 5.2.1.8).
    `reported` is the identity that the backend says it has logged in, None where it doesn't say.
    """

    outcome: Outcome
    text: bytes
    pipelined: bool = False
    delegated: bytes = b""
    reported: bytes | None = None


def on_one_line(text: bytes) -> bytes:
    """A peer's words as they may stand in a line of ours: each control character becomes a space.

    A bare CR ends a line for some clients, and NUL a string: what stands behind would look like our own.
    """
    return _CONTROL.sub(b" ", text)


@dataclass(frozen=True, slots=True)
class Read:
    """Wait for bytes from the peer. Answer: the bytes, b"" at the end of the stream."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send these bytes.

    `question`: the peer's answer to them is still to come, so it may have said nothing that wasn't read yet.
    The runner of the dialogue ends it with `AnsweredTooSoon` if it has.
    """

    data: bytes
    question: bool = False


@dataclass(frozen=True, slots=True)
class StartTLS:
    """Do the TLS handshake now. What the peer sent in clear before it never reaches the dialogue."""


@dataclass(frozen=True, slots=True)
class Login:
    """Log in with these credentials. Answer: a `LoginResult`.

    `client` is what the client calls itself: name and version, or b"".
    """

    credentials: Credentials
    client: bytes = b""


@dataclass(frozen=True, slots=True)
class LogOut:
    """Whoever was logged in on this connection is so no longer; another login may follow."""


@dataclass(frozen=True, slots=True)
class Forward:
    """Ask this of the backend, for the user that is logged in. Answer: whether a backend has taken it.

    `request` is what the protocol has understood of a message; its `Exchange` writes it. What the backend
    answers goes to the client without passing through the dialogue.
    """

    request: Any


Request: TypeAlias = Read | Send | StartTLS | Login | LogOut | Forward
Dialogue: TypeAlias = Generator[Request, Any, T]

READ = Read()
_HEAD = 16  # bytes that tell how long a message is


class Buffer:
    """What the peer has sent and was not read yet. Every read is bounded.

    What a read costs depends on what it returns, and neither on how much lies behind that nor on the pieces
    in which it came: what is unread begins at `_at`, and is put together anew only if something is missing.
    """

    __slots__ = ("_at", "_data")

    def __init__(self) -> None:
        self._data = b""
        self._at = 0

    def __len__(self) -> int:
        return len(self._data) - self._at

    def read_line(self, limit: int) -> Dialogue[bytes]:
        """The next line without its line end, at most `limit` bytes.

        A bare LF ends a line too: people type these protocols by hand, and the field's servers take it.
        A longer line raises `ProtocolError`; the end of the stream raises `EOFError`.
        """
        end = self._data.find(b"\n", self._at)
        if end < 0:
            end = yield from self._fill_line(limit)
        line = self._cut(end + 1 - self._at)[:-1].removesuffix(b"\r")
        if len(line) > limit:
            raise ProtocolError("line too long")
        return line

    def read_exactly(self, count: int) -> Dialogue[bytes]:
        """The next `count` bytes. The caller bounds the count."""
        yield from self._fill(count)
        return self._cut(count)

    def read_measured(self, measure: Callable[[bytes], int]) -> Dialogue[bytes]:
        """The next message, in a protocol that says beforehand how long each one is.

        `measure` tells from the first bytes, of which it gets up to 16, how many are needed in all, as far as
        can be told by now. It bounds the count: it raises `ProtocolError` before too many are waited for.
        """
        yield from self._fill(1)
        while (count := measure(self._data[self._at : self._at + _HEAD])) > len(self._data) - self._at:
            yield from self._fill(count)
        return self._cut(count)

    def ask(self, question: bytes) -> Dialogue[None]:
        """Send something that the peer has to answer. Raises `AnsweredTooSoon` where it has already.

        A yes that came before the question is none: the peer couldn't know what would be asked.
        """
        if len(self):
            raise AnsweredTooSoon
        yield Send(question, question=True)

    def start_tls(self, go_ahead: bytes = b"") -> Dialogue[None]:
        """Send `go_ahead`, then do the handshake.

        Bytes that came in clear behind the STARTTLS command would otherwise be run as if they had been
        encrypted (CVE-2011-0411), so they end the connection.
        """
        if len(self):
            raise ProtocolError("bytes in clear after STARTTLS")
        if go_ahead:
            yield Send(go_ahead)
        yield StartTLS()

    def take(self) -> bytes:
        """All that is left, for whoever reads on."""
        return self._cut(len(self))

    def _cut(self, count: int) -> bytes:
        data, begin, end = self._data, self._at, self._at + count
        self._data, self._at = (data, end) if end < len(data) else (b"", 0)
        return data[begin:end]

    def _fill(self, count: int) -> Dialogue[None]:
        """Wait until so many bytes are there. What comes in many small pieces is put together only once."""
        if len(self._data) - self._at >= count:
            return
        data = self.take() or (yield from _heard())  # which mostly is all of it
        if len(data) < count:
            gathered = bytearray(data)
            while len(gathered) < count:
                gathered += yield from _heard()
            data = bytes(gathered)
        self._data = data

    def _fill_line(self, limit: int) -> Dialogue[int]:
        """The same up to a line end. Returns where it is."""
        gathered = bytearray(self.take())
        searched = 0
        while (end := gathered.find(b"\n", searched)) < 0:
            searched = len(gathered)
            if searched > limit + 1:  # room for CR
                raise ProtocolError("line too long")
            gathered += yield from _heard()
        self._data = bytes(gathered)
        return end


def _heard() -> Dialogue[bytes]:
    data: bytes = yield READ
    if not data:
        raise EOFError
    return data
