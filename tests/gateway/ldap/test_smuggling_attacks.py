"""LDAP-15 to LDAP-23: octets that the gateway takes for one operation and slapd for another.

slapd's decoder reads on from wherever it stopped, and looks at no end but that of the message. The oracle is
its own log: in whose name each operation ran, and which attributes were written.
"""

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.ber import Found
from tests.gateway.ldap.slapd_log import names_of_operations, written_attributes
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

PROXIED, PROXIED_V1 = "2.16.840.1.113730.3.4.18", "2.16.840.1.113730.3.4.12"
VICTIM, ATTACKER = person_dn("victim"), person_dn("mallory")
AS_VICTIM = ber.control(PROXIED, f"dn:{VICTIM}".encode())
AS_VICTIM_V1 = ber.control(PROXIED_V1, ber.element(0x30, ber.octets(VICTIM)))
HARMLESS = "1.2.3.4"
EVERYTHING = ber.search(7, PEOPLE, ber.present(), ["homePhone"])
OPERATIONS = {
    "search": EVERYTHING,
    "modify": ber.modify(7, VICTIM, "sn", "stolen"),
    "add": ber.add(7, f"cn=new,{VICTIM}", "cn", "new"),
    "rename": ber.rename(7, VICTIM, "uid=stolen"),
    "compare": ber.compare(7, VICTIM, "homePhone", "1"),
    "who am I": ber.extended(7, ber.WHO_AM_I),
    "cancel": ber.extended(7, "1.3.6.1.1.8", ber.element(0x30, ber.integer(1))),
}


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    for name in ("victim", "mallory"):
        standing_door.add(name, "enforced")
        standing_door.slapd.modify(person_dn(name), {"homePhone": [f"{name}'s own"]})
    standing_door.mallory = standing_door.give("mallory")


@pytest.fixture
def ask(door):
    """Sends octets as the attacker, and holds slapd's log against who that is."""

    def asked(octets):
        with door.wire() as wire:
            assert wire.bind(ATTACKER, door.mallory.secret) == (0, "")
            wire.send(octets + ber.compare(99, ATTACKER, "uid", "mallory"))
            return wire.rest(last=99)

    yield asked
    assert_only_the_attacker_asked(door.slapd_log())
    with door.slapd_wire() as wire:
        for dn in (VICTIM, ATTACKER):
            assert wire.bind(dn, MAIN) == (0, "")


def assert_only_the_attacker_asked(log):
    assert names_of_operations(log) <= {ATTACKER}
    assert not written_attributes(log) & {"userpassword", "2.5.4.35"}


def with_more(request, more):
    """The same message, with more elements behind the last field of its operation."""
    [(_, contents)] = ber.split(request)
    (_, number), (tag, operation), *controls = ber.split(contents)
    rest = b"".join(ber.element(*one) for one in controls)
    return ber.element(0x30, ber.element(2, number), ber.element(tag, operation, more), rest)


def refused(answers, code=None):
    """Whether it was no success: a result that says so, or a notice of disconnection at once."""
    first = answers[0]
    assert not isinstance(first, Found)
    assert first.code != 0
    assert code is None or first.code == code
    return True


@pytest.mark.parametrize("control", [AS_VICTIM, AS_VICTIM_V1], ids=["V2", "V1"])
@pytest.mark.parametrize("what", OPERATIONS)
def test_ldap_15_controls_behind_the_last_field_of_an_operation_reach_no_directory(ask, what, control):
    assert refused(ask(with_more(OPERATIONS[what], ber.element(0xA0, control))))


@pytest.mark.parametrize("what", OPERATIONS)
@pytest.mark.parametrize("more", ["0400", "0500", "3000", "a000", "010100", "8000"])
def test_ldap_15_nothing_stands_behind_the_last_field_of_an_operation(ask, what, more):
    assert refused(ask(with_more(OPERATIONS[what], bytes.fromhex(more))))


def attribute(name, *values):
    return ber.element(0x30, ber.octets(name), ber.element(0x31, *map(ber.octets, values)))


def change(*parts):
    return ber.element(0x30, ber.integer(2, 0x0A), *parts)


def modification(*changes):
    return ber.message(7, ber.element(0x66, ber.octets(ATTACKER), ber.element(0x30, *changes)))


SECRET = attribute("userPassword", "new main password")
TELEPHONE = attribute("telephoneNumber", "1")


@pytest.mark.parametrize(
    "changes",
    [
        change(TELEPHONE, ber.integer(2, 0x0A) + SECRET),
        change(TELEPHONE, change(SECRET)),
        change(TELEPHONE[:-3] + ber.octets("1") + change(SECRET)),
        change(ber.element(0x30, TELEPHONE[2:], change(SECRET))),
        change(ber.element(0x30, ber.octets("telephoneNumber"), ber.element(0x31, ber.octets("1"), SECRET))),
        change(ber.element(0x30, ber.octets("telephoneNumber"), ber.element(0x31, ber.octets("1")), SECRET)),
        ber.element(0x30, ber.integer(2, 0x0A), TELEPHONE) + SECRET,
    ],
)
def test_ldap_16_a_change_inside_a_change_writes_no_password(ask, changes):
    assert refused(ask(modification(changes)))


@pytest.mark.parametrize(
    "attributes",
    [
        ber.element(0x30, ber.octets("cn"), ber.element(0x31, ber.octets("new")), SECRET),
        ber.element(0x30, ber.octets("cn"), ber.element(0x31, ber.octets("new"), SECRET)),
        ber.element(0x30, attribute("cn", "new"), SECRET),
        attribute("cn", "new") + ber.octets("userPassword") + ber.element(0x31, ber.octets("x")),
    ],
)
def test_ldap_17_an_attribute_inside_an_attribute_is_not_added(ask, attributes):
    usual = attribute("objectClass", "person"), attribute("sn", "new")
    entry = ber.element(0x30, *usual, attributes)
    request = ber.message(7, ber.element(0x68, ber.octets(f"cn=new,{ATTACKER}"), entry))
    assert refused(ask(request))


@pytest.mark.parametrize(
    "control",
    [
        ber.element(0x30, ber.octets(HARMLESS), AS_VICTIM),
        ber.element(0x30, ber.octets(HARMLESS), ber.octets("x"), AS_VICTIM),
        ber.element(0x30, ber.octets(HARMLESS), b"\1\1\0", ber.octets("x"), AS_VICTIM),
        ber.element(0x30, AS_VICTIM),
        ber.element(0x30, ber.octets(HARMLESS), AS_VICTIM[2:]),
    ],
)
def test_ldap_18_a_control_inside_a_control_is_none(ask, control):
    request = ber.search(7, PEOPLE, ber.present(), ["homePhone"], controls=[control])
    assert refused(ask(request))


@pytest.mark.parametrize("oid", [PROXIED, PROXIED_V1])
@pytest.mark.parametrize("form", ["{}\0", "{}\0x", "{} ", " {}", "{}.", "0{}", "{}\t", "oid.{}"])
@pytest.mark.parametrize("critical", [True, False])
def test_ldap_19_an_oid_with_something_around_it_is_none(ask, oid, form, critical):
    value = f"dn:{VICTIM}".encode() if oid == PROXIED else ber.element(0x30, ber.octets(VICTIM))
    control = ber.control(form.format(oid), value, critical=critical)
    assert refused(ask(ber.search(7, PEOPLE, ber.present(), ["homePhone"], controls=[control])))


@pytest.mark.parametrize("critical", [True, False])
def test_ldap_20_nor_does_the_draft_of_proxied_authorization_pass(ask, critical):
    control = ber.control(PROXIED_V1, ber.element(0x30, ber.octets(VICTIM)), critical=critical)
    assert refused(ask(ber.search(7, PEOPLE, ber.present(), ["homePhone"], controls=[control])), 12)


@pytest.mark.parametrize(
    "name",
    [
        "userPassword\0",
        "userPassword\0x",
        "userPassword\0;x",
        "\0userPassword",
        "userPassword\n",
        "userPassword ",
        "userPassword;\0",
        "userPassword;x y",
        "userPassword:",
        "x\0userPassword",
        "2.5.4.35\0",
        "",
    ],
)
def test_ldap_21_an_attribute_name_with_something_in_it_is_none(ask, name):
    assert refused(ask(modification(change(attribute(name, "new main password")))))
    entry = ber.element(0x30, attribute("cn", "new"), attribute(name, "x"))
    assert refused(ask(ber.message(7, ber.element(0x68, ber.octets(f"cn=new,{ATTACKER}"), entry))))
    assert refused(ask(ber.rename(7, ATTACKER, f"uid=mallory+{name}=x")))


@pytest.mark.parametrize("length", [0x08, 0x48, 0x50, 0x58, 0x60, 0x68, 0x70, 0x7F])
@pytest.mark.parametrize("oid", [HARMLESS, "2.16.840.1.113730.3.4.2"])
def test_ldap_22_a_control_whose_value_is_short_swallows_nothing(ask, oid, length):
    control = ber.element(0x30, ber.octets(oid), bytes((0x04, length)))
    assert refused(ask(ber.search(7, PEOPLE, ber.present(), ["homePhone"], controls=[control])))
