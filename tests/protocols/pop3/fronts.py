"""The three kinds of POP3 listeners, played without their greetings."""

from collections.abc import Iterable
from textwrap import dedent

from protocols import pop3
from protocols.terms import FrontTerms
from tests.protocols.play import Cut, byte_by_byte, play, whole

OFFERED = (b"TOP", b"UIDL", b"EXPIRE NEVER")
WRONG = "Wrong user name or password. With two-step verification, use an app password: https://mail.test/"
BOTH = (whole, byte_by_byte)

# What our side says to CAPA, for the transcripts.
SECURE = """
S: +OK
S: RESP-CODES
S: AUTH-RESP-CODE
S: PIPELINING
S: TOP
S: UIDL
S: EXPIRE NEVER
S: USER
S: SASL PLAIN LOGIN
S: .
"""
CLEAR = """
S: +OK
S: RESP-CODES
S: AUTH-RESP-CODE
S: PIPELINING
S: TOP
S: UIDL
S: EXPIRE NEVER
S: STLS
S: .
"""
TLS = """
C: STLS
S: +OK Begin TLS negotiation now
tls
"""


def over_tls(
    transcript: str,
    cuts: Iterable[Cut] = BOTH,
    failed_logins: int = 3,
    offered: tuple[bytes, ...] = OFFERED,
) -> None:
    """A listener whose TLS is there before the greeting."""
    _play(FrontTerms(True, False, failed_logins, b"mail.test", offered), transcript, cuts)


def with_starttls(transcript: str, cuts: Iterable[Cut] = BOTH, offered: tuple[bytes, ...] = OFFERED) -> None:
    """A listener that is in clear until the client asks for TLS."""
    _play(FrontTerms(False, True, 3, b"mail.test", offered), transcript, cuts)


def without_tls(transcript: str, cuts: Iterable[Cut] = BOTH) -> None:
    """A listener inside a closed network, without TLS."""
    _play(FrontTerms(False, False, 3, b"mail.test", OFFERED), transcript, cuts)


def _play(terms: FrontTerms, transcript: str, cuts: Iterable[Cut]) -> None:
    lines = "\n".join(line.lstrip() for line in dedent(transcript).split("\n"))
    play(lambda: pop3.front(terms), "S: +OK Wicketgate ready.\n" + lines, cuts=cuts)
