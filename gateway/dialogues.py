"""Which dialogues a protocol is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config import ProtocolName
from protocols import imap, pop3, sieve, smtp
from protocols.dialogue import Dialogue, LoginResult
from protocols.terms import BackTerms, FrontTerms


@dataclass(frozen=True, slots=True)
class Dialogues:
    """`front` returns what the client sent behind its login, or None when it left without one.

    `back` returns the backend's verdict and what it sent behind it. `probe` returns what the backend offers
    before a login; `repeats_offer`: the front tells clients so.
    """

    front: Callable[[FrontTerms], Dialogue[bytes | None]]
    back: Callable[[BackTerms], Dialogue[tuple[LoginResult, bytes]]]
    probe: Callable[[bool], Dialogue[tuple[bytes, ...]]]
    repeats_offer: bool


DIALOGUES: Mapping[ProtocolName, Dialogues] = {
    "imap": Dialogues(imap.front, imap.back, imap.probe, repeats_offer=False),
    "pop3": Dialogues(pop3.front, pop3.back, pop3.probe, repeats_offer=True),
    "smtp": Dialogues(smtp.front, smtp.back, smtp.probe, repeats_offer=True),
    "sieve": Dialogues(sieve.front, sieve.back, sieve.probe, repeats_offer=True),
}
