"""Runs a dialogue on raw bytes in any chunks and notes what it does."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from protocols.dialogue import (
    AnsweredTooSoon,
    Dialogue,
    Forward,
    Login,
    LoginResult,
    LogOut,
    Outcome,
    ProtocolError,
    Read,
    Send,
    StartTLS,
)
from protocols.ldap.encoding import encode

Event = bytes | Login | LogOut | Forward | StartTLS
REFUSED = LoginResult(Outcome.REJECTED, b"No")


@dataclass(slots=True)
class Talk:
    """What happened. `left`: what nobody read; `end`: the value returned, or what was raised."""

    happened: list[Event] = field(default_factory=list)
    left: bytes = b""
    end: Any = None

    @property
    def sent(self) -> bytes:
        return b"".join(event for event in self.happened if isinstance(event, bytes))

    @property
    def logins(self) -> list[Login]:
        return [event for event in self.happened if isinstance(event, Login)]

    @property
    def forwarded(self) -> list[bytes]:
        """As they would be written for a directory that the client has bound at itself."""
        return [encode(event.request) for event in self.happened if isinstance(event, Forward)]

    def note_sent(self, data: bytes) -> None:
        if self.happened and isinstance(self.happened[-1], bytes):
            self.happened[-1] += data
        else:
            self.happened.append(data)


def talk(
    dialogue: Dialogue[Any],
    epochs: Sequence[bytes],
    cut: Callable[[bytes], Iterable[bytes]] = lambda data: [data],
    results: Iterable[LoginResult] = (),
    taken: bool = True,
    turns: Callable[[bytes], list[bytes]] = lambda data: [data],
) -> Talk:
    """Feed the first of `epochs` in clear, the next ones behind a handshake each, then the end of the stream.

    What the peer says at once is one of `turns`: the next one comes when all of it was read. Who asks before
    that was answered too soon.

    Whatever of an epoch is unread when TLS starts comes into the handshake, which ends the talk. Logins are
    answered by `results`, then refused; `taken` says whether there is a backend for what is forwarded. Any
    exception but the two that a dialogue may raise goes through.
    """
    noted, coming = Talk(), [turns(epoch) for epoch in epochs]
    to_come, pieces = _next(coming), list[bytes]()
    answers = iter(results)
    reply: bytes | LoginResult | bool | None = None
    try:
        while True:
            request = dialogue.send(reply)
            reply = None
            if isinstance(request, Send):
                if request.question and pieces:
                    raise AnsweredTooSoon
                noted.note_sent(request.data)
            elif isinstance(request, Read):
                pieces = pieces or _pieces(cut, to_come)
                reply = pieces.pop(0) if pieces else b""
            elif isinstance(request, StartTLS):
                noted.happened.append(request)
                if pieces or to_come:
                    raise ProtocolError("bytes in clear come into the handshake")
                to_come = _next(coming)
            else:
                noted.happened.append(request)
                if isinstance(request, Login):
                    reply = replace(next(answers, REFUSED), pipelined=bool(pieces or to_come))
                elif isinstance(request, Forward):
                    reply = taken
    except StopIteration as over:
        noted.end = over.value
    except (ProtocolError, EOFError) as error:
        kind = ProtocolError if isinstance(error, ProtocolError) else EOFError
        noted.end = f"{kind.__name__}: {error}"
    _note_left(noted, [*pieces, *to_come])
    return noted


def cutter(sizes: list[int]) -> Callable[[bytes], list[bytes]]:
    """Cuts pieces of these sizes, over and over."""

    def cut(data: bytes) -> list[bytes]:
        pieces, number = [], 0
        while data:
            size = sizes[number % len(sizes)]
            pieces.append(data[:size])
            data = data[size:]
            number += 1
        return pieces

    return cut


def line_by_line(data: bytes) -> list[bytes]:
    """The turns of a peer that says a line and then waits."""
    *lines, rest = data.split(b"\n")
    return [*(line + b"\n" for line in lines), rest]


def _next(coming: list[list[bytes]]) -> list[bytes]:
    return [turn for turn in coming.pop(0) if turn] if coming else []


def _pieces(cut: Callable[[bytes], Iterable[bytes]], to_come: list[bytes]) -> list[bytes]:
    return [piece for piece in cut(to_come.pop(0)) if piece] if to_come else []


def _note_left(noted: Talk, pieces: list[bytes]) -> None:
    rest = b"".join(pieces)
    if isinstance(noted.end, bytes):
        noted.left, noted.end = noted.end + rest, "logged in"
    elif isinstance(noted.end, tuple):
        result, behind = noted.end
        noted.left, noted.end = behind + rest, result
