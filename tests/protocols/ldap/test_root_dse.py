"""The root DSE: the directory's own, less what would lead clients around the gateway."""

import pytest

from tests.protocols.ldap.fronts import ADMITTED, PASSED_THROUGH, TLS
from tests.protocols.ldap.root_dses import OPENLDAP, offering

CLEAR = {"tls": False, "starttls": True}
NO_TLS = {"tls": False, "starttls": False}
SHOWN = (
    "structuralObjectClass=OpenLDAProotDSE namingContexts=dc=example,dc=test "
    "supportedControl=2.16.840.1.113730.3.4.18 supportedControl=1.2.840.113556.1.4.319 "
    '"vendorName=A directory" supportedLDAPVersion=3 supportedExtension=1.3.6.1.4.1.4203.1.11.1'
)
START_TLS = "supportedExtension=1.3.6.1.4.1.1466.20037"
ASKED = """
C: search 1 "" base (objectClass=*) * +
S: entry 1 "" {shown}
S: search-done 1 0
"""
WITHOUT_STARTTLS = ASKED.format(shown=SHOWN)
WITH_STARTTLS = ASKED.format(shown=f"{SHOWN} {START_TLS}")


@pytest.mark.parametrize("terms", [{}, NO_TLS], ids=["TLS from the start", "no TLS"])
@pytest.mark.parametrize(
    "bind", ["", PASSED_THROUGH, ADMITTED], ids=["stranger", "passed through", "admitted"]
)
def test_it_is_the_same_before_a_bind_and_after_it(bind, terms):
    offering(bind + WITHOUT_STARTTLS, OPENLDAP, **terms)


def test_starttls_is_listed_where_and_while_it_can_be_had():
    offering(WITH_STARTTLS + TLS + WITHOUT_STARTTLS, OPENLDAP, **CLEAR)


def test_starttls_is_listed_whatever_the_directory_itself_offers():
    offering(
        ASKED.format(shown=f"vendorName=x supportedLDAPVersion=3 {START_TLS}"), {"vendorName": ["x"]}, **CLEAR
    )


def test_before_the_directory_was_heard_there_is_little_to_say():
    offering(ASKED.format(shown="objectClass=top supportedLDAPVersion=3"), {})
    offering(ASKED.format(shown=f"objectClass=top supportedLDAPVersion=3 {START_TLS}"), {}, **CLEAR)


@pytest.mark.parametrize(
    "name", ["supportedSASLMechanisms", "SUPPORTEDSASLMECHANISMS", "altServer", "altserver"]
)
@pytest.mark.parametrize("bind", ["", PASSED_THROUGH], ids=["stranger", "passed through"])
def test_what_leads_around_the_gateway_is_not_shown_however_it_is_asked_for(bind, name):
    offered = {name: ["GSSAPI"], "vendorName": ["x"]}
    offering(
        bind
        + f"""
        C: search 2 "" base (objectClass=*) supportedSASLMechanisms altServer {name}
        S: entry 2 ""
        S: search-done 2 0
        C: search 3 "" base ({name}=*) vendorName
        S: entry 3 "" vendorName=x
        S: search-done 3 0
        """,
        offered,
    )


@pytest.mark.parametrize(
    ("requested", "shown"),
    [
        ("namingContexts", "namingContexts=dc=example,dc=test"),
        ("NAMINGCONTEXTS supportedldapversion", "namingContexts=dc=example,dc=test supportedLDAPVersion=3"),
        ("1.1", ""),
        ("1.1 vendorName", '"vendorName=A directory"'),
        ("noSuchAttribute", ""),
        ("+", SHOWN),
        ("*", SHOWN),
        ("vendorName *", SHOWN),
        ("", SHOWN),
        ("types-only", ""),
        ("namingContexts types-only", "namingContexts"),
        ("namingContexts vendorName types-only", "namingContexts vendorName"),
    ],
)
def test_only_what_is_asked_for_is_shown(requested, shown):
    if requested == "types-only":
        names = "structuralObjectClass namingContexts supportedControl vendorName"
        shown = f"{names} supportedLDAPVersion supportedExtension"
    offering(
        f"""
        C: search 2 "" base (objectClass=*) {requested}
        S: entry 2 "" {shown}
        S: search-done 2 0
        """,
        OPENLDAP,
    )


def test_values_are_shown_byte_for_byte():
    offering(
        r"""
        C: search 2 "" base (objectClass=*) blob
        S: entry 2 "" "blob=\xc3\xa9 \" x" blob=
        S: search-done 2 0
        """,
        {"blob": ['é " x', ""]},
    )


def test_a_large_root_dse_is_told_in_one_piece():
    contexts = [f"dc={number},dc=example,dc=test" for number in range(3000)]
    shown = " ".join(f"namingContexts={context}" for context in contexts)
    offering(
        f"""
        C: search 2 "" base (objectClass=*) namingContexts
        S: entry 2 "" {shown}
        S: search-done 2 0
        """,
        {"namingContexts": contexts},
    )


@pytest.mark.parametrize("bind", ["", PASSED_THROUGH], ids=["stranger", "passed through"])
def test_a_critical_control_is_refused_as_no_control_is_obeyed_there(bind):
    offering(
        bind
        + """
        C: search 2 "" base (objectClass=*) vendorName [PagedResults=x critical]
        S: search-done 2 12 "The root DSE is answered without controls"
        C: search 3 "" base (objectClass=*) vendorName [PagedResults=x] [ManageDsaIT critical]
        S: entry 3 "" vendorName=x
        S: search-done 3 0
        """,
        {"vendorName": ["x"]},
    )
