"""STLS-06 and STLS-11: the border between clear text and TLS at the LDAP door. Nothing crosses it."""

import pytest

from tests.gateway.ldap import ber
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

CONFIDENTIALITY_REQUIRED, OPERATIONS_ERROR, PROTOCOL_ERROR = 13, 1, 2
STARTTLS = bytes.fromhex("301d02010177188016312e332e362e312e342e312e313436362e3230303337")


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    standing_door.add("dora", "disabled")


@pytest.fixture
def wire(door):
    """A client in clear."""
    with door.wire("none") as wire:
        yield wire


def evil(door):
    return [
        ber.search(2, PEOPLE),
        ber.search(2, "", scope=ber.BASE),
        ber.bind(2, person_dn("good"), door.good.secret),
        ber.bind(2, person_dn("dora"), MAIN),
        b"\r\n" * 10,
    ]


def assert_nothing_was_run(door, wire):
    """The connection is over, without an answer to what crossed the border, and nobody heard of it."""
    heard = wire.octets_until_the_cut()
    assert heard < 150  # a notice of disconnection, or the go-ahead, but no more
    assert door.logins() == []
    assert door.sessions() == []
    assert door.connections_at_slapd() == 0


@pytest.mark.parametrize("number", range(5))
def test_stls_06_what_is_pipelined_behind_starttls_is_never_run(door, wire, number):
    wire.send(STARTTLS + evil(door)[number])
    answers = wire.rest()
    assert [(one.number, one.code, one.name) for one in answers] == [(0, 2, ber.NOTICE_OF_DISCONNECTION)]
    assert_nothing_was_run(door, wire)


@pytest.mark.parametrize("number", range(5))
def test_stls_06_nor_what_comes_on_its_heels(door, wire, number):
    wire.send(STARTTLS)
    wire.send(evil(door)[number])
    assert_nothing_was_run(door, wire)


@pytest.mark.parametrize("number", range(5))
def test_stls_06_nor_what_comes_in_clear_after_the_go_ahead(door, wire, number):
    assert wire.ask(STARTTLS).code == 0
    wire.send(evil(door)[number] * 20)
    assert_nothing_was_run(door, wire)


def test_stls_06_the_go_ahead_is_the_answer_of_the_rfc(door, wire):
    """RFC 4511, section 4.14.2: success, and the name of the operation."""
    answer = wire.ask(STARTTLS)
    assert (answer.number, answer.tag, answer.code) == (1, ber.EXTENDED_RESPONSE, 0)
    assert answer.name == ber.START_TLS
    wire.handshake()
    assert wire.bind(person_dn("good"), door.good.secret) == (0, "")


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_stls_06_a_second_starttls_is_an_operations_error(door, tls):
    with door.wire(tls) as wire:
        for _ in range(2):
            assert wire.ask(STARTTLS).code == OPERATIONS_ERROR
        assert wire.bind(person_dn("good"), door.good.secret) == (0, "")
        assert wire.ask(STARTTLS).code == OPERATIONS_ERROR
        assert wire.who_am_i() == f"dn:{person_dn('good')}"


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("who", ["good", "dora", "nobody"])
def test_stls_11_a_bind_in_clear_is_refused_whoever_it_is_and_counts_for_nothing(door, wire, who, version):
    for password in (MAIN, door.good.secret, "wrong", ""):
        answer = wire.ask(ber.bind(1, person_dn(who), password, version))
        assert (answer.tag, answer.code) == (ber.BIND_RESPONSE, CONFIDENTIALITY_REQUIRED)
    assert wire.ask(ber.bind(1, "", "")).code == CONFIDENTIALITY_REQUIRED
    assert door.logins() == []
    assert door.connections_at_slapd() == 0
    for secret in (MAIN, door.good.secret):
        assert secret not in door.log()


def test_stls_11_nor_is_anything_else_done_in_clear_but_the_root_dse(door, wire):
    for request in (
        ber.search(1, PEOPLE),
        ber.modify(1, PEOPLE, "ou", "x"),
        ber.compare(1, PEOPLE, "ou", "people"),
        ber.extended(1, ber.WHO_AM_I),
        ber.extended(1, ber.PASSWORD_MODIFY),
    ):
        assert wire.ask(request).code == CONFIDENTIALITY_REQUIRED
    assert wire.ask(ber.search(1, "", scope=ber.BASE)).code == 0
    assert door.connections_at_slapd() == 0


def test_stls_12_what_was_tried_in_clear_leaves_nothing_behind(door, wire):
    assert wire.bind(person_dn("good"), door.good.secret)[0] == CONFIDENTIALITY_REQUIRED
    assert wire.ask(STARTTLS).code == 0
    wire.handshake()
    assert wire.ask(ber.search(5, PEOPLE)).code == 8
    assert wire.bind(person_dn("good"), door.good.secret) == (0, "")


def test_stls_13_clear_text_under_tls_ends_the_connection(door):
    with door.wire("starttls") as wire:
        assert wire.bind(person_dn("good"), door.good.secret) == (0, "")
        wire.send_in_clear(ber.search(5, PEOPLE))
        wire.octets_until_the_cut()
        door.until_sessions(0)
    assert door.searches_at_slapd("") == []
