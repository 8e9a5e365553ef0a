"""A directory that can't be used is an outage, with 52, and never looks like a wrong password."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import LATER, REFUSED, login_of, open_door
from tests.gateway.ldap.scripted import (
    BIND,
    CONNECT,
    EXTENDED,
    SILENT,
    Reply,
    ScriptedDirectory,
    Then,
    answering,
    saying,
)
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD, person_dn

LIMITS = "refusal_seconds = 0\ndrain_seconds = 0\nbackend_seconds = 0.8"
SUCCESS, UNAVAILABLE = (0, ""), (52, LATER)
NOT_NOW = (52, "The directory is unavailable for the moment. Please try again later")
NOTICE = ber.result(
    0, ber.EXTENDED_RESPONSE, 52, "shutting down", ber.octets(ber.NOTICE_OF_DISCONNECTION, 0x8A)
)
ON_CONNECTING = {
    "gone at once": saying(b"", Then.CLOSE),
    "reset": saying(b"", Then.RESET),
    "silent": SILENT,
    "another protocol": saying(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "octets without an end": saying(b"\x30\x84\x7f\xff\xff\xff" + b"x" * 4000, Then.REPEAT),
    "notice of disconnection": saying(NOTICE, Then.CLOSE),
}
TO_A_BIND = {
    "gone": saying(b"", Then.CLOSE),
    "reset": saying(b"", Then.RESET),
    "silent": SILENT,
    "half an answer": saying(bytes.fromhex("300c02"), Then.CLOSE),
    "garbage": saying(b"\r\n\0\xff"),
    "too long": saying(bytes.fromhex("30847fffffff")),
    "indefinite": saying(bytes.fromhex("3080")),
    "a yes to another request": Reply(lambda number: ber.result(number + 1, ber.BIND_RESPONSE, 0)),
    "a yes to request 0": Reply(lambda number: ber.result(0, ber.BIND_RESPONSE, 0)),
    "a yes to another operation": answering(ber.SEARCH_DONE),
    "a yes without a code": Reply(lambda number: ber.message(number, ber.element(ber.BIND_RESPONSE))),
    "SASL goes on": answering(ber.BIND_RESPONSE, 14),
    "a referral": answering(ber.BIND_RESPONSE, 10),
    "notice of disconnection": saying(NOTICE, Then.CLOSE),
    **{
        f"code {code}": answering(ber.BIND_RESPONSE, code)
        for code in (1, 2, 3, 7, 8, 11, 13, 51, 52, 80, 123)
    },
}
WRONG_CREDENTIALS = (19, 32, 34, 48, 49, 50, 53)


@pytest.fixture(scope="module")
def directory(authority):
    with ScriptedDirectory(authority.server().server_context()) as directory:
        yield directory


@pytest.fixture(scope="module")
def standing(directory, slapd, authority, tmp_path_factory):
    folder = tmp_path_factory.mktemp("door")
    ca_file, ports = authority.ca_file, [directory.port]
    with open_door(folder, slapd, authority, limits=LIMITS, ports=ports, ca_file=ca_file) as door:
        door.people.add(login_of("good"), "enforced")
        door.people.add(login_of("dora"), "disabled")
        door.good = door.give("good")
        yield door


@pytest.fixture
def door(standing, directory):
    """After each test the directory does as usual, and lets everybody in."""
    directory.script.clear()
    directory.received, directory.binds = b"", []
    standing.begin()
    yield standing
    directory.script.clear()
    assert operation(standing) == SUCCESS
    assert "Traceback" not in standing.gateway.log()


def operation(door):
    """What becomes of an admitted user's first operation, which opens the way to the directory."""
    with door.wire() as wire:
        assert wire.bind(person_dn("good"), door.good.secret) == SUCCESS
        answer = wire.ask(ber.search(7, PEOPLE))
        assert (answer.number, answer.tag) == (7, ber.SEARCH_DONE)
        assert wire.bind(person_dn("good"), door.good.secret) == SUCCESS  # the session lives
        return answer.code, answer.text


def assert_outage(door):
    with ThreadPoolExecutor() as pool:  # both at once, as some wait
        bind, first = pool.submit(door.bind, person_dn("dora"), MAIN), pool.submit(operation, door)
    assert (bind.result(), first.result()) == (UNAVAILABLE, NOT_NOW)
    assert sorted(line["reason"] for line in door.logins()) == ["", "", "backend-unavailable"]


@pytest.mark.parametrize("what", ON_CONNECTING)
def test_a_directory_that_cannot_be_used_is_an_outage(door, directory, what):
    directory.script[CONNECT] = ON_CONNECTING[what]
    assert_outage(door)
    assert directory.binds == []


@pytest.mark.parametrize("what", TO_A_BIND)
def test_an_answer_to_a_bind_that_is_neither_yes_nor_no_is_an_outage(door, directory, what):
    directory.script[BIND] = TO_A_BIND[what]
    assert_outage(door)
    assert sorted(directory.binds) == [(SERVICE_DN, SERVICE_PASSWORD), (person_dn("dora"), MAIN)]


@pytest.mark.parametrize("code", WRONG_CREDENTIALS)
def test_a_no_to_the_user_is_passed_on_and_a_no_to_the_gateway_is_an_outage(door, directory, code):
    directory.script[BIND] = answering(ber.BIND_RESPONSE, code, "data 52e, the user is locked")
    assert door.bind(person_dn("dora"), MAIN) == (49, REFUSED)
    assert operation(door) == NOT_NOW
    assert "it refused the gateway's own account" in door.log()


@pytest.mark.parametrize(
    "answer",
    [
        answering(ber.EXTENDED_RESPONSE, 2),
        answering(ber.EXTENDED_RESPONSE, 52),
        answering(ber.BIND_RESPONSE),
        saying(NOTICE),
        saying(b"502 what?\r\n"),
        Reply(lambda number: ber.result(number, ber.EXTENDED_RESPONSE, 0), Then.SILENCE),
        Reply(lambda number: ber.result(number, ber.EXTENDED_RESPONSE, 0) + b"\x30", Then.SILENCE),
        Reply(
            lambda number: (
                ber.result(number, ber.EXTENDED_RESPONSE, 0) + ber.result(number + 1, ber.BIND_RESPONSE, 0)
            ),
            Then.SILENCE,
        ),
    ],
    ids=[
        "refused",
        "unavailable",
        "a bind's",
        "notice",
        "text",
        "no handshake",
        "half more",
        "a yes behind it",
    ],
)
def test_stls_08_a_directory_that_starts_no_tls_gets_no_credentials(door, directory, answer):
    directory.script[EXTENDED] = answer
    assert_outage(door)
    assert directory.binds == []
    for secret in (MAIN, SERVICE_PASSWORD, door.good.secret, "dora"):
        assert secret.encode() not in directory.received
