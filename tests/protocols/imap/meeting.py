"""Lets a back talk to a front in memory."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from protocols import imap
from protocols.dialogue import Credentials, Dialogue, Login, LoginResult, Read, Send, StartTLS

SECURE = b"IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN"


@dataclass(slots=True)
class Met:
    """`presented` and `clients`: what the front was asked to log in. `result`: what the back learned."""

    presented: list[Credentials] = field(default_factory=list)
    clients: list[bytes] = field(default_factory=list)
    result: LoginResult | None = None
    tls: bool = False


def meet(
    credentials: Credentials,
    starttls: bool,
    offer: bytes,
    answer: LoginResult,
    cut: Callable[[bytes], Iterable[bytes]] = lambda data: [data],
    client_id: Sequence[tuple[bytes, bytes]] = (),
) -> Met:
    """The front offers `offer` once it is secure, whatever it understands besides."""
    met = Met()
    front = _Side(imap.front(imap.Terms(tls=not starttls, starttls=starttls)))
    back = _Side(imap.back(credentials, starttls=starttls, client_id=client_id))
    while back.over is None:
        said = front.run_until_silent(met, answer)
        back.hear(cut(said.replace(SECURE, offer)))
        said = back.run_until_silent(met, answer)
        assert said or back.over is not None, "both sides wait for the other"
        front.hear(cut(said))
    met.result, behind = back.over
    assert behind == b""
    assert front.at_handshake == back.at_handshake
    met.tls = front.at_handshake == 1
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
            try:
                self._request = self._dialogue.send(reply)
            except StopIteration as end:
                self.over = end.value if end.value is not None else b""
        return said
