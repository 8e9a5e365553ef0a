"""Attacks by controls: an operation in somebody else's name."""

import pytest

from protocols import ldap
from protocols.dialogue import LoginResult, Outcome
from protocols.terms import FrontTerms
from tests.protocols.ldap.fronts import ADMITTED, OPERATIONS, in_service_mode, over_tls
from tests.protocols.ldap.notation import message
from tests.protocols.talk import talk

IDENTITIES = [
    "[ProxiedAuthorization=dn:uid=dora,dc=test critical]",
    "[ProxiedAuthorization=dn:uid=dora,dc=test]",
    "[ProxiedAuthorization critical]",
    "[ProxiedAuthorizationV1=x critical]",
    "[SessionTracking=x]",
    "[1.3.6.1.4.1.30221.2.5.2=x]",
    "[1.3.18.0.2.10.21=x critical]",
]
REFUSED = '12 "With an app password, no control may say in whose name an operation runs"'
BOUND = message("bind 1 fritz secret")
ADMITTING = [LoginResult(Outcome.ACCEPTED, b"", delegated=b"dn:uid=fritz")]


@pytest.mark.parametrize("control", IDENTITIES)
@pytest.mark.parametrize(("operation", "answer"), OPERATIONS.items())
@pytest.mark.parametrize(
    "terms",
    [{}, in_service_mode("search", "compare", "modify", "add", "delete", "modrdn")],
    ids=["proxied", "service"],
)
def test_ldap_08_no_control_makes_somebody_else_of_an_admitted_user(operation, answer, control, terms):
    if terms and operation == "extended 2 WhoAmI":
        return  # the gateway itself says who the user is
    over_tls(
        f"""
        {ADMITTED}
        C: {operation} {control}
        S: {answer} 2 {REFUSED}
        """,
        **terms,
    )


@pytest.mark.parametrize(
    "controls",
    [
        "[1.2.3] [ProxiedAuthorization=dn:uid=dora,dc=test critical]",
        "[ProxiedAuthorization=dn:uid=dora,dc=test critical] [1.2.3]",
        "[1.2.3=x critical] [1.2.4] [SessionTracking=x] [1.2.5 critical]",
    ],
)
def test_ldap_08_wherever_it_stands_among_others(controls):
    over_tls(
        f"""
        {ADMITTED}
        C: search 2 dc=test sub (cn=*) {controls}
        S: search-done 2 {REFUSED}
        """
    )


@pytest.mark.parametrize("length", ["81", "82 00", "83 00 00", "84 00 00 00"])
def test_ldap_08_however_its_length_is_written(length):
    name = b"2.16.840.1.113730.3.4.18"
    oid = b"\4" + bytes.fromhex(length) + b"%c%b" % (len(name), name)
    control = b"\x30%c%b" % (len(oid), oid)
    body = b"\2\1\2\x4a\4cn=x\xa0%c%b" % (len(control), control)
    ended = talk(ldap.front(FrontTerms()), [BOUND + b"\x30%c%b" % (len(body), body)], results=ADMITTING)
    assert ended.forwarded == []
    assert ended.sent.endswith(message(f"delete-response 2 {REFUSED}"))


@pytest.mark.parametrize(
    "controls",
    [
        "a0 02 30 00",  # a control without a type
        "a0 03 02 01 01",  # something else than a control
        "a0 05 30 03 02 01 01",  # a type that is a number
        "a0 04 30 03 04 02",  # cut off
        "a0 80 00 00",  # of indefinite length
        "a1 00",  # no controls at all
        "a0 00 a0 00",  # controls twice
        "04 00",
    ],
)
def test_ldap_08_controls_that_nobody_can_read_end_it(controls):
    body = b"\2\1\2\x4a\4cn=x" + bytes.fromhex(controls)
    ended = talk(ldap.front(FrontTerms()), [BOUND + b"\x30%c%b" % (len(body), body)], results=ADMITTING)
    assert ended.forwarded == []
    assert ended.end.startswith("ProtocolError: ")


@pytest.mark.parametrize("criticality", ["01 01 ff", "01 01 01", "01 81 01 ff", "01 84 00 00 00 01 ff"])
def test_ldap_08_a_critical_control_with_a_bind_is_seen_however_it_is_written(criticality):
    control = b"\4\x051.2.3" + bytes.fromhex(criticality)
    controls = b"\x30%c%b" % (len(control), control)
    body = b"\2\1\1\x60\x09\2\1\3\4\1x\x80\1y\xa0%c%b" % (len(controls), controls)
    ended = talk(ldap.front(FrontTerms()), [b"\x30%c%b" % (len(body), body)])
    assert ended.sent == message('bind-response 1 12 "No critical control is taken with a bind"')
