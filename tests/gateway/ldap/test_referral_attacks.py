"""LDAP-13: whoever can answer for the directory sends nobody elsewhere: no credential follows a referral."""

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import LATER, REFUSED, TEMPLATE, login_of, open_door
from tests.gateway.ldap.scripted import BIND, SEARCH, Reply, ScriptedDirectory
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD, person_dn

SUCCESS, REFERRAL = (0, ""), 10
SEARCHING = f'search_base = "{PEOPLE}"\nremember_seconds = 0'


@pytest.fixture(scope="module")
def attacker(authority):
    """Who would let everybody in, and remember with what they came."""
    with ScriptedDirectory(authority.server().server_context()) as attacker:
        yield attacker


@pytest.fixture(scope="module")
def directory(authority):
    with ScriptedDirectory(authority.server().server_context()) as directory:
        yield directory


@pytest.fixture(scope="module", params=[TEMPLATE, SEARCHING], ids=["by template", "by search"])
def standing(request, directory, slapd, authority, tmp_path_factory):
    more = {"ports": [directory.port], "ca_file": authority.ca_file, "directory": request.param}
    with open_door(tmp_path_factory.mktemp("door"), slapd, authority, **more) as door:
        door.people.add(login_of("good"), "enforced")
        door.people.add(login_of("dora"), "disabled")
        door.good = door.give("good")
        door.searching = request.param is SEARCHING
        yield door


@pytest.fixture
def door(standing, directory, attacker):
    """After each test nobody may have come to the attacker."""
    yield standing
    directory.script.clear()
    assert (attacker.accepted, attacker.received) == (0, b"")
    assert "Traceback" not in standing.gateway.log()


def elsewhere(attacker):
    """RFC 4511, section 4.1.10."""
    return ber.element(0xA3, ber.octets(f"ldap://127.0.0.1:{attacker.port}/{PEOPLE}??sub"))


def reference(number, attacker):
    """A SearchResultReference (section 4.5.3)."""
    return ber.message(number, ber.element(0x73, ber.octets(f"ldap://127.0.0.1:{attacker.port}/{PEOPLE}")))


def test_ldap_13_a_referral_for_an_answer_to_the_bind_is_not_followed(door, directory, attacker):
    referral = Reply(lambda number: ber.result(number, ber.BIND_RESPONSE, REFERRAL, "", elsewhere(attacker)))
    directory.script[BIND] = referral
    assert door.bind("dora", MAIN) == (52, LATER)
    with door.wire() as wire:
        assert wire.bind(login_of("good"), door.good.secret) == SUCCESS
        assert wire.ask(ber.search(7, PEOPLE)).code == 52


def test_ldap_13_a_referral_for_an_answer_to_the_search_of_a_user_is_not_followed(door, directory, attacker):
    referral = Reply(lambda number: ber.result(number, ber.SEARCH_DONE, REFERRAL, "", elsewhere(attacker)))
    directory.script[SEARCH] = referral
    outcomes = [door.bind("dora", MAIN), door.bind(person_dn("dora"), MAIN)]
    assert outcomes == ([(52, LATER)] * 2 if door.searching else [SUCCESS] * 2)


def test_ldap_13_a_reference_among_the_entries_found_is_nobody(door, directory, attacker):
    assert door.bind("dora", MAIN) == SUCCESS  # the gateway needn't look whether the directory is there
    directory.script[SEARCH] = Reply(
        lambda number: reference(number, attacker) + ber.result(number, ber.SEARCH_DONE, 0)
    )
    assert door.bind(person_dn("dora"), MAIN) == ((49, REFUSED) if door.searching else SUCCESS)


@pytest.mark.parametrize("standing", [TEMPLATE], indirect=True)
def test_ldap_13_clients_get_referrals_as_they_are_and_nobody_follows_for_them(door, directory, attacker):
    def referring(number):
        last = ber.result(number, ber.SEARCH_DONE, REFERRAL, "", elsewhere(attacker))
        return reference(number, attacker) + last

    directory.script[SEARCH] = Reply(referring)
    for name, secret in (("good", door.good.secret), ("dora", MAIN)):
        with door.wire() as wire:
            assert wire.bind(login_of(name), secret) == SUCCESS
            wire.send(ber.search(7, PEOPLE))
            assert wire.octets(len(referring(7))) == referring(7)
    assert (SERVICE_DN, SERVICE_PASSWORD) in directory.binds
