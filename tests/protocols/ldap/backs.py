"""Our side towards a directory, played."""

from collections.abc import Iterable

from protocols import ldap
from protocols.dialogue import Credentials
from protocols.terms import BackTerms
from tests.protocols.ldap import notation
from tests.protocols.play import Cut, byte_by_byte, play, whole

FRITZ = Credentials(b"uid=fritz,dc=test", b"secret")
BOTH = (whole, byte_by_byte)
BIND = "C: bind 1 uid=fritz,dc=test secret\n"
START_TLS = """
C: extended 1 StartTLS
S: extended-response 1 0 "" @name=StartTLS
tls
"""


def logging_in(
    transcript: str,
    credentials: Credentials | None = FRITZ,
    starttls: bool = False,
    cuts: Iterable[Cut] = BOTH,
    ask_who: bool = False,
) -> None:
    terms = BackTerms(credentials, starttls=starttls, ask_who=ask_who)
    play(lambda: ldap.back(terms), transcript, ours="C", cuts=cuts, notation=notation)


def probing(transcript: str, starttls: bool = False, cuts: Iterable[Cut] = BOTH) -> None:
    play(lambda: ldap.probe(starttls), transcript, ours="C", cuts=cuts, notation=notation)
