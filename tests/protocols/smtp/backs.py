"""Our side towards a submission server, played."""

from collections.abc import Iterable

from protocols import smtp
from protocols.dialogue import Credentials
from protocols.terms import BackTerms, Client
from tests.protocols.play import Cut, byte_by_byte, play, whole

ALICE = Credentials(b"alice", b"secret")
MASTER = Credentials(b"master", b"secret", authzid=b"alice")
CLIENT = Client(b"192.0.2.7", 49152, b"laptop")
CLIENT_6 = Client(b"2001:db8::7", 49152, b"laptop")

LOGIN = "C: AUTH PLAIN AGFsaWNlAHNlY3JldA=="
# Up to where the login has been asked for.
GREETED = f"""
S: 220 mail.internal ESMTP
C: EHLO [127.0.0.1]
S: 250-mail.internal
S: 250 AUTH PLAIN LOGIN
{LOGIN}
"""
# What follows a login, at a server that takes no second one.
NO_SECOND = """
C: AUTH PLAIN
S: 503 5.5.1 Error: already authenticated
"""


def logging_in(
    transcript: str,
    credentials: Credentials | None = ALICE,
    login: bytes = b"alice",
    starttls: bool = False,
    client: Client | None = None,
    trusted: Iterable[bytes] = (),
    cuts: Iterable[Cut] = (whole, byte_by_byte),
) -> None:
    terms = BackTerms(credentials, login, starttls, client, frozenset(trusted))
    lines = "\n".join(line.lstrip() for line in transcript.split("\n"))
    play(lambda: smtp.back(terms), lines, ours="C", cuts=cuts)
