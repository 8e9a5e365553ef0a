"""DOS-01 and DOS-07 at the LDAP door: strangers have little time, whatever they do, and users few places."""

import contextlib
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.ldap import ber
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

LIMITS = "refusal_seconds = 0\ndrain_seconds = 0\npreauth_seconds = 1\nsessions_per_user = 10"
BUSY = (51, "Too many connections at once. Please close some of them")


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    standing_door.add("dora", "disabled")


def slowly(door, data, tls="implicit"):
    with door.wire(tls) as wire:
        return wire.drip(data)


def again_and_again(door, request_of):
    """Ask until the connection is cut."""
    with door.wire() as wire, contextlib.suppress(OSError):
        for number in itertools.count(1):
            wire.send(request_of(number))
            if (answer := wire.answer()) is None or answer.number == 0:
                return


def entered_and_left(door, second):
    """Be somebody, then nobody, and wait."""
    with door.wire() as wire:
        assert wire.bind(person_dn("good"), door.good.secret) == (0, "")
        assert wire.bind(*second)[0] != 0
        wire.rest()


def test_dos_01_who_sends_one_octet_at_a_time_is_cut_at_the_deadline(door):
    bind = ber.bind(1, person_dn("good"), "x" * 900)
    slow = [
        (bind, "implicit"),
        (bind, "none"),
        (ber.search(1, "", scope=ber.BASE, attributes=["x" * 900]), "implicit"),
        (b"\x30\x82\x3f\x00" + b"\x02\x01\x01\x60" + b"x" * 900, "implicit"),
        (ber.extended(1, ber.START_TLS) + b"\x16\x03\x01\x02\x00" + b"x" * 900, "none"),
    ]
    with door.wire() as let_in:
        assert let_in.bind(person_dn("good"), door.good.secret) == (0, "")
        with ThreadPoolExecutor(len(slow)) as pool:
            list(pool.map(lambda one: slowly(door, *one), slow))
        assert door.log().count("took too long to log in") == len(slow)
        assert let_in.who_am_i() == f"dn:{person_dn('good')}"
    assert [line["verdict"] for line in door.logins()] == ["admitted"]


def test_dos_01_what_nobody_may_do_buys_no_time_even_for_who_was_somebody(door):
    requests = [
        lambda number: ber.search(number, "", scope=ber.BASE),
        lambda number: ber.search(number, PEOPLE),
        lambda number: ber.bind(number, "", ""),
        lambda number: ber.bind(number, person_dn("good"), "wrong"),
    ]
    leaving = [("", ""), (person_dn("good"), "wrong"), (person_dn("good"), "")]
    come_again = door.wire()
    for password in ("wrong", door.good.secret) * 3:
        come_again.bind(person_dn("good"), password)
    with ThreadPoolExecutor(len(requests) + len(leaving)) as pool:
        done = [pool.submit(again_and_again, door, one) for one in requests]
        done += [pool.submit(entered_and_left, door, one) for one in leaving]
    assert [one.result() for one in done] == [None] * 7
    # One of them has guessed too often before that.
    assert door.log().count("took too long to log in") == 6
    assert door.log().count("too many failed logins") == 1
    assert come_again.who_am_i() == f"dn:{person_dn('good')}"
    come_again.close()
    door.until_sessions(0)


@pytest.mark.parametrize("name", ["good", "dora"])
def test_dos_07_a_user_may_have_so_many_sessions_and_no_more(door, name):
    secret = door.good.secret if name == "good" else MAIN
    wires = [door.wire() for _ in range(11)]
    assert [wire.bind(person_dn(name), secret) for wire in wires] == [(0, "")] * 10 + [BUSY]
    assert [line["reason"] for line in door.logins()][-1] == "too-many-sessions"
    assert wires[10].ask(ber.search(9, PEOPLE)).code == 8
    # Who binds again on the same connection needs no further place.
    assert wires[0].bind(person_dn(name), secret) == (0, "")
    wires[0].close()
    door.until_sessions(9)
    assert wires[10].bind(person_dn(name), secret) == (0, "")
    for wire in wires:
        wire.close()
    door.until_sessions(0)
