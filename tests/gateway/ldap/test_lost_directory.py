"""The directory goes while clients are in: who can be served again is, and who can't be is told, with 52."""

import time

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import LATER, login_of, open_door
from tests.gateway.ldap.scripted import SEARCH, Reply, ScriptedDirectory, Then, saying
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, person_dn

SUCCESS = (0, "")
NOT_NOW = "The directory is unavailable for the moment. Please try again later"
ENTRY = ber.element(
    0x64, ber.octets(PEOPLE), ber.element(0x30, ber.element(0x30, ber.octets("cn"), b"\x31\0"))
)


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    standing_door.add("dora", "disabled")


def in_by(door, kind):
    """A client that is in, and whether it was admitted."""
    wire = door.wire()
    secret = door.good.secret if kind == "admitted" else MAIN
    assert wire.bind(person_dn("good" if kind == "admitted" else "dora"), secret) == SUCCESS
    return wire


def until_bound(door, name):
    """Until the gateway has looked again whether slapd is there, which it does once a second."""
    end = time.monotonic() + 20
    while (answer := door.bind(name, MAIN)) != SUCCESS:
        assert answer == (52, LATER)
        assert time.monotonic() < end


def assert_told(wire):
    """The notice of disconnection, and nothing more."""
    [notice] = wire.rest()
    assert (notice.number, notice.tag, notice.code) == (0, ber.EXTENDED_RESPONSE, 52)
    assert notice.name == ber.NOTICE_OF_DISCONNECTION


@pytest.mark.parametrize("name_of", [person_dn, login_of])
def test_with_slapd_down_a_passed_through_bind_is_an_outage_and_an_admitted_one_is_not(door, name_of):
    with door.slapd_down():
        assert door.bind(name_of("dora"), MAIN) == (52, LATER)
        assert door.bind(name_of("good"), door.good.secret) == SUCCESS
    assert [line["reason"] for line in door.logins()] == ["backend-unavailable", ""]
    until_bound(door, name_of("dora"))


@pytest.mark.parametrize(
    ("request_of", "response"),
    [
        (lambda number: ber.search(number, PEOPLE), ber.SEARCH_DONE),
        (lambda number: ber.compare(number, PEOPLE, "ou", "people"), 0x6F),
        (lambda number: ber.modify(number, PEOPLE, "cn", "x"), 0x67),
        (lambda number: ber.add(number, f"cn=x,{PEOPLE}", "cn", "x"), 0x69),
        (lambda number: ber.delete(number, f"cn=x,{PEOPLE}"), 0x6B),
        (lambda number: ber.rename(number, f"cn=x,{PEOPLE}", "cn=y"), 0x6D),
        (lambda number: ber.extended(number, ber.WHO_AM_I), ber.EXTENDED_RESPONSE),
    ],
    ids=["search", "compare", "modify", "add", "delete", "rename", "extended"],
)
def test_with_slapd_down_an_operation_is_answered_in_its_own_way_and_tried_again_later(
    door, request_of, response
):
    with in_by(door, "admitted") as wire:
        with door.slapd_down():
            answer = wire.ask(request_of(1000))
            assert (answer.number, answer.tag, answer.code) == (1000, response, 52)
            assert answer.text == NOT_NOW
            wire.send(ber.abandon(1001, 1000))  # which nothing answers
        assert wire.ask(ber.search(1002, PEOPLE)).code == 0


def test_an_admitted_user_who_waits_for_nothing_does_not_notice_a_restart_of_slapd(door):
    with in_by(door, "admitted") as wire:
        assert wire.ask(ber.search(10, PEOPLE)).code == 0
        door.slapd.restart()
        assert wire.ask(ber.search(11, PEOPLE)).code == 0
        assert door.sessions()[0]["login"] == login_of("good")
    # Between them is the bind by which the test waits for slapd to be back.
    assert door.binds_at_slapd() == [SERVICE_DN, "", SERVICE_DN]


def test_who_bound_at_slapd_himself_is_told_that_it_has_gone(door):
    """The gateway has forgotten the password, so nobody can bind again for the user."""
    with in_by(door, "passed through") as wire:
        door.slapd.restart()
        assert_told(wire)
        door.until_sessions(0)


@pytest.fixture(scope="module")
def scripted(slapd, authority, tmp_path_factory):
    folder, ca_file = tmp_path_factory.mktemp("scripted"), authority.ca_file
    with (
        ScriptedDirectory(authority.server().server_context()) as directory,
        open_door(folder, slapd, authority, ports=[directory.port], ca_file=ca_file) as door,
    ):
        door.people.add(login_of("dora"), "disabled")
        door.people.add(login_of("good"), "enforced")
        door.good = door.give("good")
        yield door, directory
        assert "Traceback" not in door.gateway.log()


@pytest.mark.parametrize("kind", ["admitted", "passed through"])
def test_who_waits_for_an_answer_is_told_that_none_will_come(scripted, kind):
    door, directory = scripted
    begun = Reply(lambda number: ber.message(number, ENTRY), Then.SILENCE)
    directory.script[SEARCH] = begun
    with in_by(door, kind) as wire:
        wire.send(ber.search(5, PEOPLE) + ber.search(6, PEOPLE))
        assert wire.answer().number == 5
        directory.cut()
        assert_told(wire)
    directory.script[SEARCH] = saying(b"\r\nwhat?\r\n")
    with in_by(door, kind) as wire:
        wire.send(ber.search(5, PEOPLE))
        assert_told(wire)
    door.until_sessions(0)


@pytest.mark.parametrize("kind", ["admitted", "passed through"])
def test_a_message_that_nobody_can_finish_is_not_filled_with_other_words(scripted, kind):
    door, directory = scripted
    half = b"\x30\x82\x10\x00\x02\x01\x05\x64\x82\x0f\xf0" + b"x" * 100
    directory.script[SEARCH] = saying(half, Then.CLOSE)
    with in_by(door, kind) as wire:
        wire.send(ber.search(5, PEOPLE))
        assert wire.octets_until_the_cut() == len(half)
