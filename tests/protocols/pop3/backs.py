"""Our side towards a POP3 backend, played."""

from collections.abc import Iterable

from protocols import pop3
from protocols.dialogue import Credentials
from protocols.terms import BackTerms, Client
from tests.protocols.play import Cut, byte_by_byte, play, whole

ALICE = Credentials(b"alice", b"secret")
MASTER = Credentials(b"master", b"secret", authzid=b"alice")
CLIENT = Client(b"192.0.2.7", 49152)
CLIENT_6 = Client(b"2001:db8::7", 49152)

LOGIN = "C: AUTH PLAIN AGFsaWNlAHNlY3JldA=="
# Up to where the login has been asked for.
GREETED = f"""
S: +OK Dovecot ready.
C: CAPA
S: +OK
S: SASL PLAIN LOGIN
S: .
{LOGIN}
"""
# The same at a backend that has no SASL; the password has been asked for.
BY_USER = """
S: +OK ready
C: CAPA
S: -ERR unknown command
C: USER alice
S: +OK
C: PASS secret
"""


def logging_in(
    transcript: str,
    credentials: Credentials | None = ALICE,
    starttls: bool = False,
    client: Client | None = None,
    cuts: Iterable[Cut] = (whole, byte_by_byte),
) -> None:
    terms = BackTerms(credentials, starttls=starttls, client=client)
    play(lambda: pop3.back(terms), unindented(transcript), ours="C", cuts=cuts)


def probing(transcript: str, starttls: bool = False) -> None:
    play(lambda: pop3.probe(starttls), unindented(transcript), ours="C")


def unindented(transcript: str) -> str:
    return "\n".join(line.lstrip() for line in transcript.split("\n"))
