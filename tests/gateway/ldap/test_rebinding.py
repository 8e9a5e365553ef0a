"""One connection, many binds: what is kept between them, and what is not."""

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import QUICK, REFUSED, login_of
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, person_dn

SUCCESS, INVALID_CREDENTIALS = (0, ""), (49, REFUSED)


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    for name, mfa in (("anna", "enforced"), ("dora", "disabled")):
        standing_door.add(name, mfa)
    standing_door.anna = standing_door.give("anna")


def admitted(door, wire, name="anna"):
    secret = door.anna.secret if name == "anna" else door.good.secret
    assert wire.bind(person_dn(name), secret) == SUCCESS
    return name


def passed_through(door, wire):
    assert wire.bind(login_of("dora"), MAIN) == SUCCESS
    return "dora"


def refused(door, wire):
    assert wire.bind(person_dn("anna"), MAIN) == INVALID_CREDENTIALS


def refused_by_slapd(door, wire):
    assert wire.bind(person_dn("dora"), "wrong") == INVALID_CREDENTIALS


def malformed(door, wire):
    assert wire.bind("*)(uid=*", MAIN) == INVALID_CREDENTIALS


def anonymous(door, wire):
    assert wire.bind("", "")[0] == 48


LIMITS = f"{QUICK}\nfailed_logins = 100"
ALL = (admitted, passed_through, refused, refused_by_slapd, malformed, anonymous)


def test_two_hundred_binds_on_one_connection_leave_one_entry_in_the_table_or_none(door):
    files = door.open_files()
    with door.wire() as wire:
        for _ in range(34):
            for step in ALL:
                name = step(door, wire)
                sessions = [session["login"] for session in door.sessions()]
                assert sessions == ([login_of(name)] if name else [])
                if name:
                    assert wire.who_am_i() == f"dn:{person_dn(name)}"
        assert door.open_files() < files + 20
    door.until_sessions(0)
    assert door.status()["not_logged_in"] == 0
    assert [line["verdict"] for line in door.logins()].count("admitted") == 34


@pytest.mark.parametrize("second", ALL, ids=lambda step: step.__name__)
@pytest.mark.parametrize("first", ALL, ids=lambda step: step.__name__)
def test_each_bind_after_each_other(door, first, second):
    with door.wire() as wire:
        for step in (first, second, first):
            name = step(door, wire)
            assert wire.who_am_i() == (f"dn:{person_dn(name)}" if name else "8")


def ask(wire):
    assert wire.ask(ber.search(wire.next(), PEOPLE, ber.equals("uid", "good"))).code == 0


def test_admitted_users_share_one_connection_to_slapd_one_after_the_other(door):
    with door.wire() as wire:
        for _ in range(20):
            for name in ("anna", "good"):
                admitted(door, wire, name)
                ask(wire)
    assert door.binds_at_slapd() == [SERVICE_DN]
    assert door.connections_at_slapd() == 1
    for name in ("anna", "good"):
        assert door.slapd_log().count(f'PROXYAUTHZ dn="{person_dn(name)}"') == 20


def test_a_refused_bind_in_between_does_not_end_it(door):
    with door.wire() as wire:
        for step in (refused, malformed, anonymous):
            admitted(door, wire)
            ask(wire)
            step(door, wire)
        admitted(door, wire)
        ask(wire)
    assert door.binds_at_slapd() == [SERVICE_DN]


def test_it_is_never_used_by_who_is_passed_through_nor_the_other_way_round(door):
    with door.wire() as wire:
        for _ in range(3):
            admitted(door, wire)
            ask(wire)
            passed_through(door, wire)
            ask(wire)
    assert door.binds_at_slapd() == [SERVICE_DN, person_dn("dora")] * 3
    assert door.connections_at_slapd() == 6
    binds = connections_of(door, "BIND")
    assert all(len(names) == 1 for names in binds.values())
    for connection, names in binds.items():
        proxied = connection in connections_of(door, "PROXYAUTHZ")
        assert proxied is (names == {SERVICE_DN})


def connections_of(door, word):
    """The connections at slapd in whose lines the word is, and the DNs in these."""
    found = {}
    for line in door.slapd_log().splitlines():
        if f' {word} dn="' in line:
            number = line.partition("conn=")[2].split()[0]
            found.setdefault(number, set()).add(line.partition(f'{word} dn="')[2].partition('"')[0])
    return found


def test_two_clients_share_no_connection_to_slapd(door):
    with door.wire() as one, door.wire() as other:
        for _ in range(3):
            for wire in (one, other):
                admitted(door, wire)
                ask(wire)
    assert door.binds_at_slapd() == [SERVICE_DN] * 2


def test_who_was_passed_through_often_has_bound_as_often_and_the_old_connections_are_gone(door):
    files = door.open_files()
    with door.wire() as wire:
        for _ in range(30):
            passed_through(door, wire)
            ask(wire)
        assert door.open_files() < files + 20
    assert door.binds_at_slapd() == [person_dn("dora")] * 30


def test_an_admitted_user_who_asks_nothing_costs_slapd_nothing(door):
    with door.wire() as wire:
        for _ in range(50):
            admitted(door, wire)
    assert door.connections_at_slapd() == 0


def test_behind_a_new_bind_no_answer_to_an_old_question_comes(door):
    with door.wire() as wire:
        for number in range(1, 6):
            admitted(door, wire)
            base = number * 1000
            asked = b"".join(ber.search(base + at, PEOPLE) for at in range(200))
            wire.send(asked + ber.bind(base + 500, login_of("dora"), MAIN))
            while wire.answer().number != base + 500:
                pass
            answer = wire.ask(ber.search(base + 501, PEOPLE, ber.equals("uid", "good")))
            assert (answer.number, answer.code) == (base + 501, 0)
