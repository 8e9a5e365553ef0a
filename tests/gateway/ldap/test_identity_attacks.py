"""LDAP-08 and LDAP-09: nobody becomes somebody else behind the bind, nor keeps what an app password lends."""

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.ber import Found
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, ROOT_DN, SERVICE_DN, SERVICE_PASSWORD, person_dn

SUCCESS = (0, "")
PROTOCOL_ERROR, UNAVAILABLE_CRITICAL_EXTENSION = 2, 12
INSUFFICIENT_ACCESS, UNWILLING, AUTHORIZATION_DENIED = 50, 53, 123
PROXIED, PROXIED_V1 = "2.16.840.1.113730.3.4.18", "2.16.840.1.113730.3.4.12"
SESSION_TRACKING, MANAGE_DSA_IT = "1.3.6.1.4.1.21008.108.63.1", "2.16.840.1.113730.3.4.2"
VICTIM, ATTACKER = person_dn("victim"), person_dn("mallory")
AS_VICTIM = f"dn:{VICTIM}".encode()
# The value: an authorization identity (RFC 4370), or a DN in a SEQUENCE (its draft).
CONTROLS = {
    "proxied": ber.control(PROXIED, AS_VICTIM),
    "proxied, not critical": ber.control(PROXIED, AS_VICTIM, critical=False),
    "proxied as the administrator": ber.control(PROXIED, f"dn:{ROOT_DN}".encode()),
    "proxied as the service account": ber.control(PROXIED, f"dn:{SERVICE_DN}".encode()),
    "proxied as nobody": ber.control(PROXIED, b""),
    "proxied by name": ber.control(PROXIED, b"u:victim"),
    "proxied without a value": ber.control(PROXIED),
    "proxied by the draft": ber.control(PROXIED_V1, ber.element(0x30, ber.octets(VICTIM))),
    "session tracking": ber.control(SESSION_TRACKING, b"x", critical=False),
}
# What would change somebody's password (RFC 3062; the fields are user, old and new password).
CHANGES = {
    "the own": b"",
    "the own, named": ber.octets(ATTACKER, 0x80),
    "the own, with the old one": ber.octets(MAIN, 0x81),
    "the victim's": ber.octets(VICTIM, 0x80),
}


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    for name, mfa in (("victim", "enforced"), ("mallory", "enforced"), ("dora", "disabled")):
        standing_door.add(name, mfa)
        standing_door.slapd.modify(person_dn(name), {"homePhone": [f"{name}'s own"]})
    standing_door.mallory = standing_door.give("mallory")


@pytest.fixture
def wire(door):
    """The attacker, by an app password."""
    with door.wire() as wire:
        assert wire.bind(ATTACKER, door.mallory.secret) == SUCCESS
        yield wire
        assert wire.who_am_i() == f"dn:{ATTACKER}"


def seen(wire, controls=()):
    """The result code of a search, and what it showed."""
    wire.send(ber.search(wire.next(), PEOPLE, ber.present(), ["homePhone"], controls=controls))
    shown = b""
    while isinstance(answer := wire.answer(), Found):
        shown += answer.data
    return answer.code, shown


@pytest.mark.parametrize("what", CONTROLS)
@pytest.mark.parametrize("place", ["alone", "in front", "behind", "twice"])
def test_ldap_08_no_control_says_in_whose_name_an_operation_runs(door, wire, what, place):
    other, evil = ber.control(MANAGE_DSA_IT, critical=False), CONTROLS[what]
    controls = {"alone": [evil], "in front": [evil, other], "behind": [other, evil], "twice": [evil] * 2}[
        place
    ]
    # The same control twice is no request at all.
    code = PROTOCOL_ERROR if place == "twice" else UNAVAILABLE_CRITICAL_EXTENSION
    assert seen(wire, controls) == (code, b"")
    for request in (
        ber.modify(wire.next(), VICTIM, "sn", "stolen", controls),
        ber.extended(wire.next(), ber.WHO_AM_I, controls=controls),
    ):
        assert wire.ask(request).code == code
    assert "PROXYAUTHZ" not in door.slapd_log()
    assert " MOD " not in door.slapd_log()


def test_ldap_08_the_control_works_for_the_service_account_at_slapd_directly(door):
    """The counter-proof: whoever could send it behind the gateway's bind would be anybody."""
    with door.slapd_wire() as wire:
        assert wire.bind(SERVICE_DN, SERVICE_PASSWORD) == SUCCESS
        assert b"victim's own" in seen(wire, [CONTROLS["proxied"]])[1]


def test_ldap_08_an_admitted_user_sees_the_own_private_attribute_alone(wire):
    code, shown = seen(wire)
    assert code == 0
    assert b"mallory's own" in shown
    assert b"victim's own" not in shown


@pytest.mark.parametrize("what", ["proxied", "proxied, not critical", "proxied as the administrator"])
def test_ldap_08_who_bound_at_slapd_himself_is_held_by_its_rules(door, what):
    with door.wire() as wire:
        assert wire.bind(person_dn("dora"), MAIN) == SUCCESS
        code, shown = seen(wire, [CONTROLS[what]])
        assert (code, shown) == (AUTHORIZATION_DENIED, b"")
        assert b"dora's own" in seen(wire)[1]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_ldap_08_controls_at_the_bind_count_for_nothing(door, tls):
    """A critical one is refused; another is as if it weren't there."""
    method = ber.octets(door.mallory.secret, 0x80)
    operation = ber.element(0x60, ber.integer(3), ber.octets(ATTACKER), method)
    with door.wire(tls) as wire:
        answer = wire.ask(ber.message(1, operation, [CONTROLS["proxied"]]))
        assert answer.code == UNAVAILABLE_CRITICAL_EXTENSION
        assert wire.ask(ber.message(2, operation, [CONTROLS["proxied, not critical"]])).code == 0
        assert wire.who_am_i() == f"dn:{ATTACKER}"


@pytest.mark.parametrize("what", CHANGES)
def test_ldap_09_an_app_password_does_not_change_a_main_password_by_password_modify(door, wire, what):
    value = ber.element(0x30, CHANGES[what], ber.octets("new main password", 0x82))
    assert wire.ask(ber.extended(wire.next(), ber.PASSWORD_MODIFY, value)).code == UNWILLING
    assert "PASSMOD" not in door.slapd_log()
    assert_passwords_are_as_before(door)


@pytest.mark.parametrize(
    "attribute",
    ["userPassword", "USERPASSWORD", "userPassword;x-option", "userPassword;", " userPassword", "unicodePwd"],
)
@pytest.mark.parametrize("dn", [ATTACKER, VICTIM, ATTACKER.upper()])
def test_ldap_09_an_app_password_does_not_change_a_main_password_by_modify(door, wire, attribute, dn):
    assert wire.ask(ber.modify(wire.next(), dn, attribute, "new main password")).code == UNWILLING
    assert wire.ask(ber.add(wire.next(), dn, attribute, "new main password")).code == UNWILLING
    assert " MOD " not in door.slapd_log()
    assert_passwords_are_as_before(door)


@pytest.mark.parametrize("oid", ["2.5.4.35", "2.5.4.35;x"])
def test_ldap_09_nor_when_the_attribute_is_called_by_its_number(door, wire, oid):
    assert wire.ask(ber.modify(wire.next(), ATTACKER, oid, "new main password")).code == UNWILLING
    assert_passwords_are_as_before(door)


@pytest.mark.parametrize("attribute", ["userPassword", "USERPASSWORD ", "2.5.4.35", "unicodePwd"])
def test_ldap_09_nor_as_a_part_of_the_entrys_new_name(door, wire, attribute):
    """A directory adds to the entry what its name holds (RFC 4511, section 4.9)."""
    request = ber.rename(wire.next(), ATTACKER, f"uid=mallory+{attribute}=new main password")
    assert wire.ask(request).code == UNWILLING
    assert "MODRDN" not in door.slapd_log()


def test_ldap_09_nor_when_it_stands_behind_harmless_changes(door, wire):
    changes = [change("telephoneNumber", "1"), change("description", "x"), change("userPassword", "new")]
    operation = ber.element(0x66, ber.octets(ATTACKER), ber.element(0x30, *changes))
    assert wire.ask(ber.message(wire.next(), operation)).code == UNWILLING
    assert_passwords_are_as_before(door)


def change(name, value):
    attribute = ber.element(0x30, ber.octets(name), ber.element(0x31, ber.octets(value)))
    return ber.element(0x30, ber.integer(2, 0x0A), attribute)


def test_ldap_09_what_else_is_the_users_own_may_be_written(door, wire):
    assert wire.ask(ber.modify(wire.next(), ATTACKER, "telephoneNumber", "47 11")).code == 0
    assert wire.ask(ber.modify(wire.next(), VICTIM, "telephoneNumber", "47 11")).code == INSUFFICIENT_ACCESS


def test_ldap_09_who_has_shown_the_main_password_may_change_it(door):
    door.add("changer", "disabled")
    with door.wire() as wire:
        assert wire.bind(person_dn("changer"), MAIN) == SUCCESS
        assert wire.ask(ber.modify(wire.next(), person_dn("changer"), "userPassword", "new")).code == 0
        assert wire.bind(person_dn("changer"), "new") == SUCCESS


def assert_passwords_are_as_before(door):
    with door.slapd_wire() as wire:
        for dn in (ATTACKER, VICTIM):
            assert wire.bind(dn, MAIN) == SUCCESS
