"""Which dialogues a protocol is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from config import ProtocolName
from protocols import imap, ldap, pop3, sieve, smtp
from protocols.dialogue import Dialogue, LoginResult
from protocols.terms import BackTerms, FrontTerms


class Exchange(Protocol):
    """What passes over one connection to a backend, message by message.

    `ask` writes what the front has understood of a request. `settled`: nothing can come any more.
    """

    @property
    def unanswered(self) -> int: ...

    @property
    def between_messages(self) -> bool: ...

    @property
    def settled(self) -> bool: ...

    def ask(self, request: Any) -> bytes: ...

    def hear(self, data: bytes) -> None: ...


class Progress(Protocol):
    """How far client and backend have come with each other after the login, for who has to part them.

    Each side says the first `size` bytes of `data`, which is not to be kept: it's the relays' read buffer.
    """

    @property
    def idle(self) -> bool: ...

    def heard(self, data: bytes | bytearray, size: int) -> None: ...

    def answered(self, data: bytes | bytearray, size: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Dialogues:
    """`front` returns what the client sent behind its login, or None when it left without one.

    `back` returns the backend's verdict and what it sent behind it. `probe` returns what the backend offers
    before a login; `repeats_offer`: the front tells clients so. `exchange`: the front stays after a login and
    forwards message by message; this keeps count of them. `goodbye` is said when the gateway ends a session.
    `progress`: a session that is idle need not wait for the end of a drain; this tells when that is.
    """

    front: Callable[[FrontTerms], Dialogue[bytes | None]]
    back: Callable[[BackTerms], Dialogue[tuple[LoginResult, bytes]]]
    probe: Callable[[bool], Dialogue[tuple[bytes, ...]]]
    repeats_offer: bool
    goodbye: bytes
    exchange: Callable[[bytes], Exchange] | None = None
    progress: Callable[[], Progress] | None = None


DIALOGUES: Mapping[ProtocolName, Dialogues] = {
    "imap": Dialogues(imap.front, imap.back, imap.probe, repeats_offer=False, goodbye=imap.GOODBYE),
    "pop3": Dialogues(pop3.front, pop3.back, pop3.probe, repeats_offer=True, goodbye=pop3.GOODBYE),
    "smtp": Dialogues(
        smtp.front, smtp.back, smtp.probe, repeats_offer=True, goodbye=smtp.GOODBYE, progress=smtp.Progress
    ),
    "sieve": Dialogues(sieve.front, sieve.back, sieve.probe, repeats_offer=True, goodbye=sieve.GOODBYE),
    "ldap": Dialogues(
        ldap.front, ldap.back, ldap.probe, repeats_offer=True, goodbye=ldap.GOODBYE, exchange=ldap.Exchange
    ),
}
