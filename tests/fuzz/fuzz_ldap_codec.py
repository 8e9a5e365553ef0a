"""Any bytes to the decoder of requests, and what it makes of them to the encoder.

What is read is written so that it is read as the same again, by us and by ldap3; and what is written of that
is the same octets. tests/gateway/ldap/test_differential.py asks slapd about it as well.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols.dialogue import ProtocolError
    from protocols.ldap import Exchange
    from protocols.ldap.encoding import encode
    from protocols.ldap.objections import NotUnderstood, Objection
    from protocols.ldap.operations import Abandon, Request
    from protocols.ldap.permission import Permission
    from protocols.terms import DirectoryTerms

from fuzzing import fuzz

from tests.protocols.ldap.asn1 import read_by_ldap3
from tests.protocols.ldap.lengths import long_form
from tests.protocols.ldap.notation import message, request
from tests.protocols.ldap.streams import REQUESTS

SMUGGLED = message("delete 2 cn=x [ProxiedAuthorization=dn:cn=y critical]")
SEEDS = [
    *(message(line.format(2)) for line in REQUESTS if not line.startswith("bind")),
    *(long_form(message(line), 4) for line in ("delete 2 cn=x [1.2.3 critical]", "compare 2 cn=x cn=y")),
    SMUGGLED,
]
PERMISSION = Permission(DirectoryTerms())
IDENTITY = b"dn:uid=fritz,dc=test"


def target(data: bytes) -> None:
    try:
        read = request(data)
    except (KeyError, ProtocolError, NotUnderstood):
        return
    written = encode(read)
    assert request(written) == read
    assert encode(request(written)) == written
    assert len(written) <= len(data)
    assert read_by_ldap3(written) == read_by_ldap3(data)
    judge(read)


def judge(read: Request) -> None:
    """In whose name an admitted user's request runs is what the gateway says, and said first and once."""
    judged = PERMISSION.judged(read)
    if isinstance(judged, Objection) or isinstance(judged.operation, Abandon):
        return
    first, *others = request(Exchange(IDENTITY).ask(judged)).controls
    assert (first.critical, first.value) == (True, IDENTITY)
    assert first.oid not in {control.oid for control in others}


if __name__ == "__main__":
    fuzz(target, SEEDS)
