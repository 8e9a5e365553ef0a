"""Our side towards a backend, played."""

from collections.abc import Iterable, Sequence

from protocols import imap
from protocols.dialogue import Credentials
from tests.protocols.play import Cut, byte_by_byte, play, whole

ALICE = Credentials(b"alice", b"secret")
MASTER = Credentials(b"master", b"secret", authzid=b"alice")
ID = ((b"x-originating-ip", b"192.0.2.7"), (b"x-originating-port", b"49152"))

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
    client_id: Sequence[tuple[bytes, bytes]] = (),
    cuts: Iterable[Cut] = (whole, byte_by_byte),
) -> None:
    play(
        lambda: imap.back(credentials, starttls=starttls, client_id=client_id),
        transcript,
        ours="C",
        cuts=cuts,
    )
