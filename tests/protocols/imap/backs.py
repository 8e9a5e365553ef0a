"""Our side towards a backend, played."""

import re
from collections.abc import Iterable
from textwrap import indent

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
    """What is asked and answered behind an accepted login is added where the transcript hasn't got it."""
    terms = BackTerms(credentials, starttls=starttls, client=client, trusted=trusted)
    if "UNAUTHENTICATE" not in transcript and not trusted and "-> accepted" in transcript:
        question = forbidden(transcript)
        transcript = re.sub(
            r"^( *)(?=-> accepted)",
            lambda found: indent(question, found[0]) + found[0],
            transcript,
            flags=re.M,
        )
    play(lambda: imap.back(terms), transcript, ours="C", cuts=cuts)


def forbidden(transcript: str) -> str:
    """The question behind the login: a user who is in may not go back to before it."""
    tag = f"w{max(map(int, re.findall(r'C: w([0-9]+) ', transcript))) + 1}"
    return f"C: {tag} UNAUTHENTICATE\nS: {tag} BAD Unknown command\n"
