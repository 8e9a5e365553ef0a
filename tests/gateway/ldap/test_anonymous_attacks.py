"""LDAP-05 with anonymous = "pass": what nobody asks is asked of slapd by nobody, whoever was in before."""

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import REFUSED
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

MORE = '[ldap]\nanonymous = "pass"\n'
SUCCESS, INVALID_CREDENTIALS = (0, ""), (49, REFUSED)
NO_SUCH_OBJECT = 32  # slapd's answer to strangers: they may not even know
KINDS = pytest.mark.parametrize("kind", ["admitted", "passed through"])
BIND_FIRST = 8
FAILING = {
    "wrong password": (person_dn("good").encode(), b"wrong", 49),
    "main password": (person_dn("good").encode(), MAIN.encode(), 49),
    "wrong main password": (person_dn("dora").encode(), b"wrong", 49),
    "no password": (person_dn("good").encode(), b"", 53),
}


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    standing_door.add("dora", "disabled")


def enter(door, wire, kind):
    name, secret = ("good", door.good.secret) if kind == "admitted" else ("dora", MAIN)
    assert wire.bind(person_dn(name), secret) == SUCCESS
    assert wire.ask(ber.search(wire.next(), PEOPLE)).code == 0


def assert_nobody(wire):
    assert wire.ask(ber.search(wire.next(), PEOPLE)).code == NO_SUCH_OBJECT
    assert wire.ask(ber.modify(wire.next(), person_dn("good"), "sn", "stolen")).code != 0
    assert wire.who_am_i() == ""


def test_a_stranger_is_a_stranger_to_slapd_too(door):
    with door.wire() as wire:
        assert_nobody(wire)
        assert wire.bind("", "") == SUCCESS
        assert_nobody(wire)


@KINDS
def test_ldap_05_who_is_nobody_any_more_does_not_ask_as_the_one_before(door, kind):
    with door.wire() as wire:
        for _ in range(2):
            enter(door, wire, kind)
            assert wire.bind("", "") == SUCCESS
            assert_nobody(wire)


@KINDS
@pytest.mark.parametrize("how", FAILING)
def test_ldap_05_after_a_bind_that_fails_not_even_nobody_asks(door, kind, how):
    name, password, code = FAILING[how]
    with door.wire() as wire:
        enter(door, wire, kind)
        door.begin()
        assert wire.bind(name, password)[0] == code
        assert wire.ask(ber.search(wire.next(), PEOPLE)).code == BIND_FIRST
        assert wire.who_am_i() == str(BIND_FIRST)
        assert door.searches_at_slapd("") == []
        assert wire.bind("", "") == SUCCESS
        assert_nobody(wire)


@KINDS
def test_ldap_05_who_comes_in_does_not_ask_as_nobody(door, kind):
    with door.wire() as wire:
        assert_nobody(wire)
        enter(door, wire, kind)
        assert wire.who_am_i() == f"dn:{person_dn('good' if kind == 'admitted' else 'dora')}"


@KINDS
def test_ldap_05_what_was_asked_before_is_never_answered_to_nobody(door, kind):
    with door.wire() as wire:
        enter(door, wire, kind)
        asked = b"".join(ber.search(number, PEOPLE) for number in range(1000, 1300))
        wire.send(asked + ber.bind(2000, "", "") + ber.search(2001, PEOPLE))
        answers = wire.rest(last=2001)
    numbers = [answer.number for answer in answers]
    assert numbers[numbers.index(2000) :] == [2000, 2001]
    assert answers[-1].code == NO_SUCH_OBJECT
