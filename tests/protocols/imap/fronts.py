"""The three kinds of IMAP listeners, played without their greetings."""

from collections.abc import Iterable
from textwrap import dedent

from protocols import imap
from protocols.terms import FrontTerms
from tests.protocols.play import Cut, byte_by_byte, play, whole

SECURE = "IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN"
CLEAR = "IMAP4rev1 LITERAL- ID STARTTLS LOGINDISABLED"
BOTH = (whole, byte_by_byte)


def over_tls(transcript: str, cuts: Iterable[Cut] = BOTH, failed_logins: int = 3) -> None:
    """A listener whose TLS is there before the greeting."""
    terms = FrontTerms(tls=True, starttls=False, failed_logins=failed_logins)
    _play(terms, SECURE, transcript, cuts)


def with_starttls(transcript: str, cuts: Iterable[Cut] = BOTH) -> None:
    """A listener that is in clear until the client asks for TLS."""
    _play(FrontTerms(tls=False, starttls=True), CLEAR, transcript, cuts)


def without_tls(transcript: str, cuts: Iterable[Cut] = BOTH) -> None:
    """A listener inside a closed network, without TLS."""
    _play(FrontTerms(tls=False, starttls=False), SECURE, transcript, cuts)


def _play(terms: FrontTerms, capabilities: str, transcript: str, cuts: Iterable[Cut]) -> None:
    greeting = f"S: * OK [CAPABILITY {capabilities}] Wicketgate ready.\n"
    play(lambda: imap.front(terms), greeting + dedent(transcript), cuts=cuts)
