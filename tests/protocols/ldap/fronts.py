"""The three kinds of LDAP listeners, played."""

from collections.abc import Iterable
from textwrap import dedent
from typing import Any

from protocols import ldap
from protocols.terms import Anonymous, DirectoryTerms, FrontTerms
from tests.protocols.ldap import notation
from tests.protocols.play import Cut, byte_by_byte, play, whole

BOTH = (whole, byte_by_byte)

# How a user comes in whom the directory knows itself, and one whom the gateway has admitted.
PASSED_THROUGH = """
C: bind 1 uid=fritz,dc=test secret
login uid=fritz,dc=test secret -> accepted
S: bind-response 1 0
"""
ADMITTED = """
C: bind 1 uid=fritz,dc=test abcdefghijklmnop
login uid=fritz,dc=test abcdefghijklmnop -> admitted dn:uid=fritz,dc=test
S: bind-response 1 0
"""
TLS = """
C: extended 1 StartTLS
S: extended-response 1 0 "" @name=StartTLS
tls
"""

# Values that can be read: of Cancel, and of the control of paged results.
CANCELLED = r"0\x03\x02\x01\x01"
PAGE = r"PagedResults=0\x05\x02\x01d\x04\x00"

# Every operation but binds and what ends things, as clients ask for it; and what answers a refusal of it.
OPERATIONS = {
    "search 2 dc=test sub (cn=*)": "search-done",
    "modify 2 uid=fritz,dc=test replace:mail=x": "modify-response",
    "add 2 cn=new,dc=test cn=new": "add-response",
    "delete 2 cn=new,dc=test": "delete-response",
    "rename 2 cn=new,dc=test cn=newer": "rename-response",
    "compare 2 uid=fritz,dc=test cn=fritz": "compare-response",
    "extended 2 WhoAmI": "extended-response",
    "extended 2 PasswordModify x": "extended-response",
    rf"extended 2 Cancel {CANCELLED}": "extended-response",
    "extended 2 StartTransaction": "extended-response",
}


def over_tls(transcript: str, cuts: Iterable[Cut] = BOTH, **terms: Any) -> None:
    """A listener whose TLS is there from the start."""
    _play({"tls": True, "starttls": False, **terms}, transcript, cuts)


def with_starttls(transcript: str, cuts: Iterable[Cut] = BOTH, **terms: Any) -> None:
    """A listener that is in clear until the client asks for TLS."""
    _play({"tls": False, "starttls": True, **terms}, transcript, cuts)


def without_tls(transcript: str, cuts: Iterable[Cut] = BOTH, **terms: Any) -> None:
    """A listener inside a closed network, without TLS."""
    _play({"tls": False, "starttls": False, **terms}, transcript, cuts)


def open_to(anonymous: Anonymous) -> dict[str, Any]:
    return {"directory": DirectoryTerms(anonymous)}


def in_service_mode(*operations: str, passwords: Iterable[bytes] = (b"userpassword",)) -> dict[str, Any]:
    """The directory knows the gateway's account alone, and not in whose name that asks."""
    terms = DirectoryTerms(
        proxied=False, operations=frozenset(operations), password_attributes=frozenset(passwords)
    )
    return {"directory": terms}


def _play(terms: dict[str, Any], transcript: str, cuts: Iterable[Cut]) -> None:
    play(lambda: ldap.front(FrontTerms(**terms)), dedent(transcript), cuts=cuts, notation=notation)
