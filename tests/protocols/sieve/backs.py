"""Our side towards a ManageSieve backend, played."""

from collections.abc import Iterable

from protocols import sieve
from protocols.dialogue import Credentials
from protocols.terms import BackTerms, Client
from tests.protocols.play import Cut, byte_by_byte, play, whole

ALICE = Credentials(b"alice", b"secret")
MASTER = Credentials(b"master", b"secret", authzid=b"alice")
CLIENT = Client(b"192.0.2.7", 49152)
CLIENT_6 = Client(b"2001:db8::7", 49152)

LOGIN = 'C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="'
OFFER = """
S: "IMPLEMENTATION" "Dovecot Pigeonhole"
S: "SIEVE" "fileinto reject"
S: "SASL" "PLAIN LOGIN"
S: "VERSION" "1.0"
S: OK "Dovecot ready."
"""
ASKED = "C: CAPABILITY\n"  # what else a user who is in could do
REFUSED = 'C: UNAUTHENTICATE\nS: NO "Unknown command"\n'
# Up to where the login has been asked for.
GREETED = f"{OFFER}{LOGIN}\n"


def logging_in(
    transcript: str,
    credentials: Credentials | None = ALICE,
    starttls: bool = False,
    client: Client | None = None,
    cuts: Iterable[Cut] = (whole, byte_by_byte),
) -> None:
    """What is asked and answered behind an accepted login is added where the transcript hasn't got it."""
    terms = BackTerms(credentials, starttls=starttls, client=client)
    lines = unindented(transcript)
    if ASKED not in lines:
        lines = lines.replace("-> accepted", f'{ASKED}S: "VERSION" "1.0"\nS: OK\n{REFUSED}-> accepted')
    play(lambda: sieve.back(terms), lines, ours="C", cuts=cuts)


def probing(transcript: str, starttls: bool = False) -> None:
    play(lambda: sieve.probe(starttls), unindented(transcript), ours="C")


def unindented(transcript: str) -> str:
    return "\n".join(line.lstrip() for line in transcript.split("\n"))
