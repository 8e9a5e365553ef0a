"""The three kinds of ManageSieve listeners, played without their greetings."""

from collections.abc import Iterable
from textwrap import dedent

from protocols import sieve
from protocols.terms import FrontTerms
from tests.protocols.play import Cut, byte_by_byte, play, whole

OFFERED = (
    b'"IMPLEMENTATION" "Dovecot Pigeonhole"',
    b'"SIEVE" "fileinto reject envelope"',
    b'"VERSION" "1.0"',
)
WRONG = "Wrong user name or password. With two-step verification, use an app password: https://mail.test/"
BOTH = (whole, byte_by_byte)

# What our side offers, for the transcripts.
SECURE = """
S: "IMPLEMENTATION" "Dovecot Pigeonhole"
S: "SIEVE" "fileinto reject envelope"
S: "VERSION" "1.0"
S: "SASL" "PLAIN LOGIN"
"""
CLEAR = """
S: "IMPLEMENTATION" "Dovecot Pigeonhole"
S: "SIEVE" "fileinto reject envelope"
S: "VERSION" "1.0"
S: "SASL" ""
S: "STARTTLS"
"""
TLS = f"""
C: STARTTLS
S: OK "Begin TLS negotiation now."
tls
{SECURE}
S: OK "TLS negotiation successful."
"""


def over_tls(
    transcript: str,
    cuts: Iterable[Cut] = BOTH,
    failed_logins: int = 3,
    offered: tuple[bytes, ...] = OFFERED,
    capabilities: str = SECURE,
) -> None:
    """A listener whose TLS is there before the greeting. `capabilities`: what it greets with."""
    terms = FrontTerms(True, False, failed_logins, b"mail.test", offered)
    _play(terms, capabilities + transcript, cuts)


def with_starttls(
    transcript: str,
    cuts: Iterable[Cut] = BOTH,
    offered: tuple[bytes, ...] = OFFERED,
    capabilities: str = CLEAR,
) -> None:
    """A listener that is in clear until the client asks for TLS."""
    _play(FrontTerms(False, True, 3, b"mail.test", offered), capabilities + transcript, cuts)


def without_tls(transcript: str, cuts: Iterable[Cut] = BOTH) -> None:
    """A listener inside a closed network, without TLS."""
    _play(FrontTerms(False, False, 3, b"mail.test", OFFERED), SECURE + transcript, cuts)


def _play(terms: FrontTerms, transcript: str, cuts: Iterable[Cut]) -> None:
    """Behind the capabilities that `transcript` begins with comes the end of the greeting."""
    lines = [line.lstrip() for line in dedent(transcript).split("\n") if line.strip()]
    greeting = next((at for at, line in enumerate(lines) if not line.startswith('S: "')), len(lines))
    lines.insert(greeting, 'S: OK "Wicketgate ready."')
    play(lambda: sieve.front(terms), "\n".join(lines), cuts=cuts)
