"""Answers that come in pieces while their client binds anew: each message stays whole, whoever speaks."""

import contextlib

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import login_of, open_door
from tests.gateway.ldap.scripted import SEARCH, Reply, ScriptedDirectory, saying
from tests.servers.directory import PEOPLE, person_dn

SUCCESS = (0, "")
ATTRIBUTE = ber.element(0x30, ber.octets("cn"), ber.element(0x31, ber.octets("x" * 50)))
ENTRY = ber.element(0x64, ber.octets(PEOPLE), ber.element(0x30, ATTRIBUTE))


@pytest.fixture(scope="module")
def directory(authority):
    with ScriptedDirectory(authority.server().server_context()) as directory:
        yield directory


@pytest.fixture(scope="module")
def door(directory, slapd, authority, tmp_path_factory):
    folder, more = tmp_path_factory.mktemp("door"), {"ports": [directory.port], "ca_file": authority.ca_file}
    with open_door(folder, slapd, authority, **more) as door:
        door.secrets = {}
        for name in ("anna", "bert"):
            door.people.add(login_of(name), "enforced")
            door.secrets[name] = door.give(name).secret
        yield door
        assert "Traceback" not in door.gateway.log()


@pytest.fixture
def wire(door, directory):
    directory.script.clear()
    directory.received = b""
    with door.wire() as wire:
        assert wire.bind(person_dn("anna"), door.secrets["anna"]) == SUCCESS
        yield wire


def test_an_answer_in_pieces_comes_whole_before_a_new_bind_is_answered(door, directory, wire):
    whole = ber.result(5, ber.SEARCH_DONE, 0, "all that there is")
    directory.script[SEARCH] = saying(whole[:14])
    wire.send(ber.search(5, PEOPLE))
    wire.hear(14)
    directory.script.clear()
    wire.send(ber.bind(6, person_dn("bert"), door.secrets["bert"]) + ber.search(7, PEOPLE))
    directory.say(whole[14:])
    answers = [wire.answer() for _ in range(3)]
    assert [(one.number, one.code) for one in answers] == [(5, 0), (6, 0), (7, 0)]
    assert answers[0].text == "all that there is"


def test_ldap_23_what_comes_late_for_an_abandoned_search_reaches_no_other_user(door, directory, wire):
    """A directory may answer it all the same, where it was asked (RFC 4511, section 4.11)."""
    directory.script[SEARCH] = Reply()
    wire.send(ber.search(5, PEOPLE) + ber.abandon(6, 5))
    directory.until_received(b"\x50\x01\x05")
    assert wire.bind(person_dn("bert"), door.secrets["bert"]) == SUCCESS
    asked_on = directory.accepted
    with contextlib.suppress(OSError):  # the gateway has closed it
        directory.say(ber.message(7, ENTRY) + ber.result(7, ber.SEARCH_DONE, 0, "late"))
    directory.script.clear()
    wire.send(ber.search(7, PEOPLE))
    answer = wire.answer()
    assert (answer.number, answer.code, answer.text) == (7, 0, "")
    assert directory.accepted == asked_on + 1
    assert f"dn:{person_dn('bert')}".encode() in directory.received
