"""LDAP-30 and LDAP-31: whatever a user with an app password sends, slapd runs it in his name or not at all.

The gateway may refuse a message or forward what it means: what counts is what slapd's own log says.
"""

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.forger import COUNT, FIRST, Forger, forgeries, operations_at_slapd, told
from tests.gateway.ldap.forgery import Names, attacks
from tests.servers.directory import (
    BASE,
    PEOPLE,
    ROOT_DN,
    ROOT_PASSWORD,
    SERVICE_DN,
    SERVICE_PASSWORD,
    person_dn,
)
from tests.servers.ldap_tools import found

pytestmark = pytest.mark.timeout(120 + COUNT // 10)
ATTACKER, VICTIM = person_dn("mallory"), person_dn("victim")
NAMES = Names(ATTACKER, VICTIM, PEOPLE)


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    for name in ("mallory", "victim"):
        standing_door.add(name)
        standing_door.slapd.modify(person_dn(name), {"homePhone": [f"{name}'s own"]})
    standing_door.mallory = standing_door.give("mallory")


@pytest.fixture
def forger(door):
    with Forger(door.wire, ATTACKER, door.mallory.secret, PEOPLE) as forger:
        yield forger


def passwords(door):
    root = (ROOT_DN, ROOT_PASSWORD)
    return found(door.slapd.directory("implicit"), "-b", BASE, "userPassword", "authzTo", who=root)


def wrong_at_slapd(door):
    """What slapd has run that isn't the attacker's own doing, or may not be."""
    operations = operations_at_slapd(door.slapd_log(), SERVICE_DN)
    return [
        one
        for one in operations
        if one.identities != (ATTACKER,) or ("MOD attr=" in one.what and "userpassword" in one.what.lower())
    ]


def assert_only_in_his_own_name(door, forger, sent):
    before = passwords(door)
    for what, forged in sent:
        forger.send(forged)
        wrong = wrong_at_slapd(door)
        assert not wrong, told(what, forged, wrong)
        if "Password" in door.slapd_log():
            assert passwords(door) == before, told(what, forged, ["a password was written"])
        assert set(door.binds_at_slapd()) <= {SERVICE_DN}, told(what, forged, door.binds_at_slapd())
        door.begin()
    assert passwords(door) == before


@pytest.mark.parametrize("what", [what for what, _ in attacks(NAMES, 1)])
def test_ldap_30_an_attack_on_the_parsing_changes_neither_identity_nor_passwords(door, forger, what):
    forged = dict(attacks(NAMES, FIRST))[what]
    assert_only_in_his_own_name(door, forger, [(what, forged)])


def test_ldap_31_no_forged_message_runs_as_somebody_else_or_writes_a_password(door, forger):
    assert_only_in_his_own_name(door, forger, forgeries(NAMES))
    assert forger.answered
    assert forger.cut


def test_ldap_31_what_slapd_runs_as_somebody_else_would_be_seen(door):
    """The counter-proof: the service account itself, as the victim and as itself."""
    with door.slapd_wire() as wire:
        assert wire.bind(SERVICE_DN, SERVICE_PASSWORD) == (0, "")
        as_victim = [ber.control("2.16.840.1.113730.3.4.18", f"dn:{VICTIM}".encode())]
        for controls in (as_victim, []):
            assert wire.ask(ber.search(wire.next(), PEOPLE, controls=controls)).code == 0
    assert [one.identities for one in wrong_at_slapd(door)] == [(VICTIM,), ()]
