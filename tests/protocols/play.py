r"""Plays a dialogue against a transcript in the RFCs' notation.

    S: * OK ready                              our side sends this line
    C: a LOGIN alice secret                    the peer sends this one; several in a row come together
    C(raw): abc\r\ndef                         the peer sends these bytes, without a CRLF behind them
    login alice secret -> accepted Hello       our side asks for this login and is given this answer
    log out                                    whoever was logged in is so no longer
    forward abc                                our side passes on what the peer says by this line
    forward abc -> not taken                   the same while there is no backend
    tls                                        our side does the handshake
    end                                        the peer closes
    relay: b NOOP\r\n                          the dialogue is over, and these bytes are left for the relay
    closed                                     the dialogue is over without a login
    -> rejected No                             a back's verdict
    offers: A|B C                              what a probe learned; or nothing
    error: line too long                       it ended in `ProtocolError`
    end of stream                              it ended in `EOFError`

A front speaks as S and a back as C. Each transcript is played twice: with the peer's lines as they stand, and
with every byte of them alone. A protocol that isn't made of lines brings a notation of its own: a module with
the functions of `tests.protocols.notation` that are asked for below.
"""

from collections.abc import Callable, Iterable
from difflib import ndiff
from types import ModuleType
from typing import Any

import pytest

from protocols.dialogue import (
    AnsweredTooSoon,
    Dialogue,
    Forward,
    Login,
    LoginResult,
    LogOut,
    ProtocolError,
    Read,
    Request,
    Send,
    StartTLS,
)
from protocols.ldap.encoding import encode
from tests.protocols import notation as of_lines
from tests.protocols.notation import login_of, parse_result, result_of, shown

_FORWARD = "forward "
_NOT_TAKEN = " -> not taken"
Answer = bytes | LoginResult | bool | None
Cut = Callable[[bytes], Iterable[bytes]]


def whole(data: bytes) -> list[bytes]:
    return [data]


def byte_by_byte(data: bytes) -> list[bytes]:
    return [bytes((byte,)) for byte in data]


def play(
    make: Callable[[], Dialogue[Any]],
    transcript: str,
    ours: str = "S",
    cuts: Iterable[Cut] = (whole, byte_by_byte),
    notation: ModuleType = of_lines,
) -> None:
    """Fails with the difference where the dialogue does anything else than the transcript says."""
    expected = notation.lines_of(transcript)
    for cut in cuts:
        happened = _Play(make(), expected, ours, cut, notation).run()
        if happened != expected:
            differences = "\n".join(ndiff(expected, happened))
            pytest.fail(f"- is the transcript, + is what happened ({cut.__name__}):\n{differences}", False)


class _Stop(Exception):
    """The dialogue waits for something that the transcript doesn't say."""


class _Play:
    def __init__(
        self, dialogue: Dialogue[Any], expected: list[str], ours: str, cut: Cut, notation: ModuleType
    ) -> None:
        self._dialogue = dialogue
        self._expected = expected
        self._ours, self._theirs = ours, "C" if ours == "S" else "S"
        self._cut = cut
        self._notation = notation
        self._pieces: list[bytes] = []
        self._happened: list[str] = []

    def run(self) -> list[str]:
        reply: Answer = None
        try:
            while True:
                reply = self._carry_out(self._dialogue.send(reply))
        except StopIteration as over:
            self._note_end(over.value)
        except ProtocolError as error:
            self._happened.append(f"error: {error}")
        except EOFError:
            self._happened.append("end of stream")
        except _Stop:
            pass
        return self._happened

    def _carry_out(self, request: Request) -> Answer:
        match request:
            case Send(data, question):
                if question and self._pieces:
                    raise AnsweredTooSoon
                self._happened += self._notation.said(self._ours, data)
            case StartTLS():
                if self._pieces:
                    self._happened.append("bytes in clear come into the handshake")
                    raise _Stop
                self._happened.append("tls")
            case Read():
                return self._read()
            case Login():
                return self._log_in(request)
            case LogOut():
                self._happened.append("log out")
            case Forward(asked):
                return self._forward(encode(asked))
        return None

    def _next_line(self) -> str:
        """The line of the transcript that comes now, as long as all went as it says."""
        at = len(self._happened)
        if self._happened != self._expected[:at] or at == len(self._expected):
            raise _Stop
        return self._expected[at]

    def _read(self) -> bytes:
        if not self._pieces:
            self._pieces = [piece for piece in self._cut(self._turn()) if piece]
        return self._pieces.pop(0) if self._pieces else b""

    def _turn(self) -> bytes:
        """All that the peer says before it waits for an answer."""
        data = b""
        if self._next_line() == "end":
            self._happened.append("end")
            return data
        while (at := len(self._happened)) < len(self._expected):
            more = self._notation.saying(self._theirs, self._expected[at])
            if more is None:
                break
            self._happened.append(self._expected[at])
            data += more
        if not data:
            raise _Stop
        return data

    def _log_in(self, request: Login) -> LoginResult:
        asked, arrow, answer = self._next_line().partition(" -> ")
        if asked != login_of(request) or not arrow:
            self._happened.append(login_of(request))
            raise _Stop
        self._happened.append(self._expected[len(self._happened)])
        return parse_result(answer, pipelined=bool(self._pieces))

    def _forward(self, message: bytes) -> bool:
        """What is passed on has to be what the peer sent, byte for byte."""
        line, not_taken, _ = self._next_line().partition(_NOT_TAKEN)
        said = f"{self._theirs}: {line.removeprefix(_FORWARD)}"
        if not line.startswith(_FORWARD) or self._notation.saying(self._theirs, said) != message:
            self._happened.append(_FORWARD + shown(message))
            raise _Stop
        self._happened.append(line + not_taken)
        return not not_taken

    def _note_end(self, value: Any) -> None:
        if value is None:
            self._happened.append("closed")
            return
        if isinstance(value, tuple) and not (value and isinstance(value[0], LoginResult)):
            self._happened.append("offers: " + ("|".join(map(self._notation.offer, value)) or "nothing"))
            return
        if isinstance(value, tuple):
            result, value = value
            self._happened.append(result_of(result))
        left = value + b"".join(self._pieces)
        self._happened.append(f"relay: {shown(left)}" if left else "relay")
