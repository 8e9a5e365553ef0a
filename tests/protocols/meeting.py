"""Lets a back talk to a front in memory."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from protocols.dialogue import Credentials, Dialogue, Forward, Login, LoginResult, Read, Send, StartTLS


@dataclass(slots=True)
class Met:
    """`presented` and `clients`: what the front was asked to log in. `result`: what the back learned.

    `forwarded`: what the front passed on to a backend of its own, which takes everything.
    """

    presented: list[Credentials] = field(default_factory=list)
    clients: list[bytes] = field(default_factory=list)
    forwarded: list[Any] = field(default_factory=list)
    result: LoginResult | None = None
    tls: bool = False


def meet(
    front: Dialogue[Any],
    back: Dialogue[Any],
    answer: LoginResult,
    cut: Callable[[bytes], Iterable[bytes]] = lambda data: [data],
    doctored: Callable[[bytes], bytes] = lambda said: said,
) -> Met:
    """Each login that the front asks for gets `answer`. `doctored` changes what the back hears."""
    met = Met()
    front_side, back_side = _Side(front), _Side(back)
    while back_side.over is None:
        said = front_side.run_until_silent(met, answer)
        back_side.hear(cut(doctored(said)))
        said = back_side.run_until_silent(met, answer)
        assert said or back_side.over is not None, "both sides wait for the other"
        front_side.hear(cut(said))
    met.result, behind = back_side.over
    assert behind == b""
    assert front_side.at_handshake == back_side.at_handshake
    met.tls = front_side.at_handshake == 1
    return met


class _Side:
    """One dialogue and what it has heard."""

    def __init__(self, dialogue: Dialogue[Any]) -> None:
        self._dialogue = dialogue
        self._heard: list[bytes] = []
        self._request: Any = None
        self.over: Any = None
        self.at_handshake = 0

    def hear(self, pieces: Iterable[bytes]) -> None:
        self._heard += [piece for piece in pieces if piece]

    def run_until_silent(self, met: Met, answer: LoginResult) -> bytes:
        """What it says until it waits for bytes that nobody has sent."""
        said = b""
        while self.over is None:
            reply = None
            if isinstance(self._request, Read):
                if not self._heard:
                    break
                reply = self._heard.pop(0)
            elif isinstance(self._request, Send):
                said += self._request.data
            elif isinstance(self._request, StartTLS):
                assert not self._heard
                self.at_handshake += 1
            elif isinstance(self._request, Login):
                met.presented.append(self._request.credentials)
                met.clients.append(self._request.client)
                reply = answer
            elif isinstance(self._request, Forward):
                met.forwarded.append(self._request.request)
                reply = True
            try:
                self._request = self._dialogue.send(reply)
            except StopIteration as end:
                self.over = end.value if end.value is not None else b""
        return said
