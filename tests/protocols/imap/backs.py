"""Our side towards a backend, played."""

from collections.abc import Iterable

from protocols import imap
from protocols.dialogue import Credentials
from protocols.terms import BackTerms, Client
from tests.protocols.play import Cut, byte_by_byte, play, whole

ALICE = Credentials(b"alice", b"secret")
MASTER = Credentials(b"master", b"secret", authzid=b"alice")
CLIENT = Client(b"192.0.2.7", 49152)

GREETED = """
S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
C: w1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
"""
WAITING = """
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
C: w1 AUTHENTICATE PLAIN
"""


def logging_in(
    transcript: str,
    credentials: Credentials = ALICE,
    starttls: bool = False,
    client: Client | None = None,
    cuts: Iterable[Cut] = (whole, byte_by_byte),
    trusted: frozenset[bytes] = frozenset(),
) -> None:
    terms = BackTerms(credentials, starttls=starttls, client=client, trusted=trusted)
    play(lambda: imap.back(terms), transcript, ours="C", cuts=cuts)
