"""LDAP-01 to LDAP-04 and LDAP-07: ways in without a credential, or past the bind that would be judged."""

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import QUICK, REFUSED, login_of
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD, person_dn

AUTH_METHOD_NOT_SUPPORTED, PROTOCOL_ERROR, BIND_FIRST = 7, 2, 8
INAPPROPRIATE, INVALID_CREDENTIALS, UNWILLING = 48, 49, 53
LIMITS = f"{QUICK}\nfailed_logins = 100"
ANONYMOUS = bytes.fromhex("300c020101600702010304008000")
MECHANISMS = [
    "EXTERNAL",
    "GSSAPI",
    "GSS-SPNEGO",
    "NTLM",
    "DIGEST-MD5",
    "PLAIN",
    "SCRAM-SHA-256",
    "",
    "x" * 100,
]
FAST_BIND, CANCEL = "1.2.840.113556.1.4.1781", "1.3.6.1.1.8"
TRANSACTION, TURN, UNKNOWN = "1.3.6.1.1.21.1", "1.3.6.1.1.19", "1.2.3.4"
BEFORE_BIND = {
    "search": (ber.search(7, PEOPLE), ber.SEARCH_DONE),
    "search of the naming context": (ber.search(7, "dc=example,dc=test", scope=ber.BASE), ber.SEARCH_DONE),
    "search below the root": (ber.search(7, "", scope=ber.SUBTREE), ber.SEARCH_DONE),
    "search of the schema": (ber.search(7, "cn=Subschema", scope=ber.BASE), ber.SEARCH_DONE),
    "modify": (ber.modify(7, person_dn("good"), "sn", "x"), 0x67),
    "add": (ber.add(7, person_dn("new"), "sn", "x"), 0x69),
    "delete": (ber.delete(7, person_dn("good")), 0x6B),
    "rename": (ber.rename(7, person_dn("good"), "uid=bad"), 0x6D),
    "compare": (ber.compare(7, person_dn("good"), "uid", "good"), 0x6F),
    "who am I": (ber.extended(7, ber.WHO_AM_I), ber.EXTENDED_RESPONSE),
    "password modify": (
        ber.extended(7, ber.PASSWORD_MODIFY, ber.element(0x30, ber.octets(person_dn("good"), 0x80))),
        ber.EXTENDED_RESPONSE,
    ),
    "cancel": (ber.extended(7, CANCEL, ber.element(0x30, ber.integer(1))), ber.EXTENDED_RESPONSE),
    "transaction": (ber.extended(7, TRANSACTION), ber.EXTENDED_RESPONSE),
    "unknown": (ber.extended(7, UNKNOWN), ber.EXTENDED_RESPONSE),
}


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    standing_door.add("dora", "disabled")


def bind(method: bytes, name: str = "", version: int = 3, number: int = 7) -> bytes:
    return ber.message(number, ber.element(0x60, ber.integer(version), ber.octets(name), method))


def assert_nobody_is_in(door, wire):
    """And nobody ever was, as far as slapd can tell."""
    assert wire.ask(ber.search(900, PEOPLE)).code == BIND_FIRST
    assert door.sessions() == []
    assert door.connections_at_slapd() == 0


@pytest.mark.parametrize("password", ["", " ", "   ", "\0", " \0 "])
@pytest.mark.parametrize(
    "name", [person_dn("dora"), person_dn("good"), person_dn("nobody"), "dora", SERVICE_DN]
)
def test_ldap_01_a_name_without_a_password_is_no_login(door, name, password):
    with door.wire() as wire:
        assert wire.bind(name, password)[0] == UNWILLING
        assert_nobody_is_in(door, wire)
    assert door.logins() == []


def test_slapd_itself_takes_a_name_without_a_password_for_nobody_or_says_no(door):
    """The counter-proof: it doesn't say that the credentials are wrong, which they are."""
    with door.slapd_wire() as wire:
        assert wire.bind(person_dn("dora"), "")[0] != INVALID_CREDENTIALS


def test_ldap_02_an_anonymous_bind_is_refused_and_leads_nowhere(door):
    with door.wire() as wire:
        assert wire.ask(ANONYMOUS).code == INAPPROPRIATE
        assert_nobody_is_in(door, wire)


@pytest.mark.parametrize("password", [MAIN, SERVICE_PASSWORD, "x", " "])
def test_ldap_03_a_password_without_a_name_is_refused(door, password):
    with door.wire() as wire:
        assert wire.bind("", password)[0] in (INVALID_CREDENTIALS, UNWILLING)
        assert_nobody_is_in(door, wire)


@pytest.mark.parametrize("what", BEFORE_BIND)
def test_ldap_04_before_a_bind_no_operation_reaches_slapd(door, what):
    request, response = BEFORE_BIND[what]
    with door.wire() as wire:
        answer = wire.ask(request)
        assert (answer.number, answer.tag, answer.code) == (7, response, BIND_FIRST)
        assert_nobody_is_in(door, wire)


def test_ldap_04_before_a_bind_the_sides_do_not_change_places(door):
    with door.wire() as wire:
        assert wire.ask(ber.extended(7, TURN)).code == PROTOCOL_ERROR
        assert_nobody_is_in(door, wire)


def test_ldap_04_abandon_before_a_bind_is_answered_by_nothing(door):
    with door.wire() as wire:
        wire.send(ber.abandon(7, 6))
        assert_nobody_is_in(door, wire)


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("credentials", [b"", b"\0dora\0" + MAIN.encode()])
def test_ldap_07_sasl_is_refused_and_not_passed_on(door, mechanism, credentials):
    method = ber.element(0xA3, ber.octets(mechanism), ber.octets(credentials) if credentials else b"")
    with door.wire() as wire:
        answer = wire.ask(bind(method))
        assert (answer.tag, answer.code) == (ber.BIND_RESPONSE, AUTH_METHOD_NOT_SUPPORTED)
        assert_nobody_is_in(door, wire)
    assert door.logins() == []


@pytest.mark.parametrize("tag", [0x89, 0x8A, 0x8B, 0x81, 0x82, 0x8F, 0x04, 0xA0])
def test_ldap_07_sicily_and_every_other_method_is_refused(door, tag):
    with door.wire() as wire:
        for contents in (b"NTLM", b"NTLMSSP\0\1\0\0\0", MAIN.encode(), b""):
            assert wire.ask(bind(ber.octets(contents, tag), "NTLM")).code == AUTH_METHOD_NOT_SUPPORTED
        assert_nobody_is_in(door, wire)


def test_ldap_07_binds_that_would_no_longer_say_who_is_who_are_refused(door):
    with door.wire() as wire:
        assert wire.ask(ber.extended(7, FAST_BIND)).code == AUTH_METHOD_NOT_SUPPORTED
        assert wire.bind(person_dn("good"), door.good.secret) == (0, "")
        assert wire.ask(ber.extended(8, FAST_BIND)).code == AUTH_METHOD_NOT_SUPPORTED
    assert door.connections_at_slapd() == 0


@pytest.mark.parametrize("version", [0, 1, 2, 4, 127])
def test_ldap_07_another_version_of_ldap_is_refused(door, version):
    with door.wire() as wire:
        answer = wire.ask(bind(ber.octets(door.good.secret, 0x80), person_dn("good"), version))
        assert (answer.tag, answer.code) == (ber.BIND_RESPONSE, PROTOCOL_ERROR)
        assert_nobody_is_in(door, wire)


def test_sasl_01_no_control_character_in_a_credential_reaches_slapd(door):
    controls = [bytes([number]) for number in (*range(32), 127)]
    for octet in controls:
        with door.wire() as wire:
            for evil in (b"x" + octet + b"DELE 1", octet + b"x", b"x" + octet):
                assert wire.bind(person_dn("dora"), evil) == (INVALID_CREDENTIALS, REFUSED), octet
                assert wire.bind(b"dora" + octet + evil, MAIN) == (INVALID_CREDENTIALS, REFUSED), octet
                dn = person_dn("dora").encode() + evil
                assert wire.bind(dn, MAIN) == (INVALID_CREDENTIALS, REFUSED), octet
            assert_nobody_is_in(door, wire)
    assert {line["reason"] for line in door.logins()} == {"malformed"}
    assert len(door.logins()) == len(controls) * 9


@pytest.mark.parametrize("size", [1025, 16_000])
def test_a_password_that_nobody_could_have_is_refused_before_anything_is_computed_over_it(door, size):
    with door.wire() as wire:
        assert wire.bind(login_of("dora"), "x" * size) == (INVALID_CREDENTIALS, REFUSED)
        assert_nobody_is_in(door, wire)
