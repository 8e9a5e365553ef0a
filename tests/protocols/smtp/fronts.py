"""The three kinds of SMTP listeners, played without their greetings."""

from collections.abc import Iterable
from textwrap import dedent

from protocols import smtp
from protocols.terms import FrontTerms
from tests.protocols.play import Cut, byte_by_byte, play, whole

OFFERED = (b"PIPELINING", b"SIZE 10240000", b"8BITMIME")
WRONG = "Wrong user name or password. With two-step verification, use an app password: https://mail.test/"
BOTH = (whole, byte_by_byte)

# What our side says to EHLO, for the transcripts.
SECURE = r"""
S: 250-mail.test
S: 250-PIPELINING
S: 250-SIZE 10240000
S: 250-8BITMIME
S: 250-AUTH LOGIN PLAIN
S: 250 AUTH=LOGIN PLAIN
"""
CLEAR = r"""
S: 250-mail.test
S: 250-PIPELINING
S: 250-SIZE 10240000
S: 250-8BITMIME
S: 250 STARTTLS
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
    greeting = "S: 220 mail.test ESMTP Wicketgate ready\n"
    lines = "\n".join(line.lstrip() for line in dedent(transcript).split("\n"))
    play(lambda: smtp.front(terms), greeting + lines, cuts=cuts)
