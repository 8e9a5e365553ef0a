"""LDAP-05 and LDAP-06: whoever binds anew is nobody until that succeeds, and then nobody but himself."""

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.ber import Found
from tests.gateway.ldap.door import LATER, REFUSED
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

SUCCESS, INVALID_CREDENTIALS = (0, ""), (49, REFUSED)
BIND_FIRST = 8
PEOPLE_HERE = {"anna": "enforced", "bert": "enforced", "dora": "disabled", "emil": "disabled"}
# Binds that fail, or leave the client nobody (RFC 4511, section 4.2.1; RFC 4513, section 5.1).
FAILING = {
    "wrong password": lambda number: ber.bind(number, person_dn("bert"), "wrong"),
    "main password": lambda number: ber.bind(number, person_dn("bert"), MAIN),
    "refused by slapd": lambda number: ber.bind(number, person_dn("dora"), "wrong"),
    "unknown user": lambda number: ber.bind(number, person_dn("nobody"), MAIN),
    "no DN": lambda number: ber.bind(number, "*)(uid=*", MAIN),
    "no password": lambda number: ber.bind(number, person_dn("bert"), ""),
    "blanks for a password": lambda number: ber.bind(number, person_dn("bert"), "  \0"),
    "no name": lambda number: ber.bind(number, "", MAIN),
    "anonymous": lambda number: ber.bind(number, "", ""),
    "LDAPv2": lambda number: ber.bind(number, person_dn("bert"), MAIN, version=2),
    "SASL": lambda number: ber.message(
        number, ber.element(0x60, ber.integer(3), ber.octets(""), ber.element(0xA3, ber.octets("EXTERNAL")))
    ),
    "critical control": lambda number: ber.message(
        number,
        ber.element(0x60, ber.integer(3), ber.octets(person_dn("bert")), ber.octets(MAIN, 0x80)),
        [ber.control("1.2.3")],
    ),
}


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    """Each has a private attribute, which tells whose identity an operation had."""
    door = standing_door
    door.secrets = {}
    for number, (name, mfa) in enumerate(PEOPLE_HERE.items()):
        door.add(name, mfa)
        door.slapd.modify(person_dn(name), {"homePhone": [f"{number}{number}"]})
        door.secrets[name] = door.give(name).secret if mfa == "enforced" else MAIN


def phones(wire):
    """Who "I" am at slapd: the uids of those whose private attribute can be read."""
    wire.send(ber.search(wire.next(), PEOPLE, ber.present("homePhone"), ["uid", "homePhone"]))
    found = []
    while isinstance(answer := wire.answer(), Found):
        found += [name for name in PEOPLE_HERE if b"\x04\x04" + name.encode() in answer.data]
    assert answer.code == 0, answer
    return found


def enter(door, wire, name):
    assert wire.bind(person_dn(name), door.secrets[name]) == SUCCESS


@pytest.mark.parametrize("who", ["anna", "dora"])
@pytest.mark.parametrize("what", FAILING)
def test_ldap_05_after_a_bind_that_fails_operations_are_run_by_nobody(door, who, what):
    with door.wire() as wire:
        enter(door, wire, who)
        assert phones(wire) == [who]
        door.begin()
        assert wire.ask(FAILING[what](wire.next())).code != 0
        for request in (
            ber.search(wire.next(), PEOPLE),
            ber.modify(wire.next(), person_dn(who), "homePhone", "stolen"),
            ber.extended(wire.next(), ber.WHO_AM_I),
        ):
            assert wire.ask(request).code == BIND_FIRST
        assert door.searches_at_slapd("") == []
        assert " MOD " not in door.slapd_log()
        door.until_sessions(0)
        enter(door, wire, "bert")
        assert phones(wire) == ["bert"]


@pytest.mark.parametrize("second", PEOPLE_HERE)
@pytest.mark.parametrize("first", PEOPLE_HERE)
def test_ldap_05_after_a_new_bind_operations_are_run_by_the_new_user_alone(door, first, second):
    with door.wire() as wire:
        for name in (first, second, first):
            enter(door, wire, name)
            assert phones(wire) == [name]
            assert wire.who_am_i() == f"dn:{person_dn(name)}"
            assert [session["login"] for session in door.sessions()] == [f"{name}@example.test"]


def test_ldap_05_two_clients_are_never_taken_for_each_other(door):
    wires = {name: door.wire() for name in PEOPLE_HERE}
    for _ in range(3):
        for name, wire in wires.items():
            enter(door, wire, name)
        for name, wire in wires.items():
            assert phones(wire) == [name]
    for wire in wires.values():
        wire.close()


@pytest.mark.parametrize("first", ["anna", "dora"])
def test_ldap_05_what_the_first_user_asked_is_answered_before_the_new_bind_or_never(door, first):
    """RFC 4511, section 4.2.1: a new bind abandons what is unanswered."""
    with door.wire() as wire:
        enter(door, wire, first)
        asked = b"".join(ber.search(number, PEOPLE) for number in range(1000, 1300))
        wire.send(asked + ber.bind(2000, person_dn("bert"), door.secrets["bert"]))
        numbers = []
        while not numbers or numbers[-1] != 2000:
            numbers.append(wire.answer().number)
        assert phones(wire) == ["bert"]


def test_ldap_05_what_is_asked_behind_a_new_bind_is_asked_by_the_new_user(door):
    with door.wire() as wire:
        enter(door, wire, "anna")
        assert phones(wire) == ["anna"]
        wire.send(ber.bind(3000, person_dn("bert"), door.secrets["bert"]))
        assert phones_behind(wire) == ["bert"]
        wire.send(ber.bind(3001, person_dn("dora"), MAIN))
        assert phones_behind(wire) == ["dora"]


def phones_behind(wire):
    """The same, asked before the bind in front of it is answered."""
    wire.send(ber.search(4000, PEOPLE, ber.present("homePhone"), ["uid", "homePhone"]))
    assert wire.answer().code == 0
    found = []
    while isinstance(answer := wire.answer(), Found):
        found += [name for name in PEOPLE_HERE if b"\x04\x04" + name.encode() in answer.data]
    return found


def behind(number):
    """Operations that would do harm, whoever ran them."""
    return ber.search(number, PEOPLE) + ber.modify(number + 1, person_dn("anna"), "homePhone", "stolen")


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("what", ["wrong password", "main password", "refused by slapd", "unknown user"])
def test_ldap_06_operations_behind_a_bind_that_fails_are_run_by_nobody(door, what, at_once):
    with door.wire() as wire:
        enter(door, wire, "anna")
        assert phones(wire) == ["anna"]
        door.begin()
        for octets in [FAILING[what](50) + behind(51)] if at_once else [FAILING[what](50), behind(51)]:
            wire.send(octets)
        first, *rest = wire.rest(last=52)
        assert (first.number, first.code, first.text) == (50, 49, REFUSED)
        # Either the connection is over, or they came so late that they are told to bind first.
        assert {one.code for one in rest} <= {2, BIND_FIRST}
        assert door.searches_at_slapd("") == []
        assert " MOD " not in door.slapd_log()
    assert len(door.logins()) == 1


def test_ldap_06_a_second_bind_behind_one_that_fails_is_not_tried(door):
    with door.wire() as wire:
        wire.send(FAILING["wrong password"](1) + ber.bind(2, person_dn("anna"), door.secrets["anna"]))
        answers = wire.rest()
        assert [(one.number, one.code) for one in answers] == [(1, 49), (0, 2)]
        assert answers[1].name == ber.NOTICE_OF_DISCONNECTION
    assert [line["verdict"] for line in door.logins()] == ["refused"]


def test_ldap_06_operations_behind_a_bind_that_could_not_be_decided_are_run_by_nobody(door):
    with door.slapd_down(), door.wire() as wire:
        wire.send(ber.bind(1, person_dn("dora"), MAIN) + behind(2))
        first, *rest = wire.rest()
        assert (first.code, first.text) == (52, LATER)
        assert [one.number for one in rest] == [0]
    assert " MOD " not in door.slapd_log()


def test_ldap_06_operations_behind_a_bind_that_succeeds_wait_for_it(door):
    for name in ("anna", "dora"):
        with door.wire() as wire:
            wire.send(ber.bind(1, person_dn(name), door.secrets[name]))
            assert phones_behind(wire) == [name]


def test_slapd_itself_runs_what_stands_behind_a_bind_that_failed(door):
    """The counter-proof: as nobody, which here is not much; elsewhere it may be all."""
    with door.slapd_wire() as wire:
        wire.send(ber.bind(1, person_dn("anna"), "wrong") + ber.search(2, "", scope=ber.BASE))
        assert wire.answer().code == 49
        assert wire.ask(b"").number == 2
