"""LDAP-14: a gateway that stops lets clients go on for a while, and tells those who stay that it goes."""

import signal
import socket
from contextlib import contextmanager

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import login_of, open_door
from tests.gateway.ldap.live import COUNT, add_big_entries, assert_cut, bound, idle, with_answers_unread
from tests.gateway.site import MAIN
from tests.servers.directory import person_dn

LONG, SHORT = "drain_seconds = 60", "drain_seconds = 1"
GOOD, DORA = person_dn("good"), person_dn("dora")


@pytest.fixture
def open_house(slapd, authority, tmp_path):
    """A gateway with lines for [limits]. In the end it must have left with 0 and without a traceback."""

    @contextmanager
    def opened(limits):
        with open_door(tmp_path, slapd, authority, limits=limits) as door:
            door.people.add(login_of("good"), "enforced")
            door.add("dora", "disabled")
            door.good = door.give("good")
            yield door
            assert door.gateway.process.wait(20) == 0
            assert "Traceback" not in door.gateway.log()
            door.remove_people()

    return opened


def stop(door):
    door.gateway.process.send_signal(signal.SIGTERM)
    door.gateway.wait_for_log("event=draining")


def assert_told(wire):
    [notice] = wire.rest()
    assert (notice.number, notice.tag, notice.code) == (0, ber.EXTENDED_RESPONSE, 52)
    assert (notice.name, notice.text) == (ber.NOTICE_OF_DISCONNECTION, "The server closes this connection")


def test_ldap_14_whoever_waits_for_no_answer_is_told_at_once_and_nobody_new_gets_in(open_house):
    with open_house(LONG) as door, idle(door, GOOD, door.good.secret) as one, idle(door, DORA, MAIN) as other:
        add_big_entries(door)
        busy = with_answers_unread(door, DORA, MAIN)
        stop(door)
        for listener in ("ldap", "ldaps"):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((door.gateway.host, door.gateway.ports[listener]), timeout=5)
        assert_told(one)
        assert_told(other)
        assert door.gateway.process.poll() is None
        *entries, done, notice = busy.rest()
        assert len(entries) >= COUNT - 1
        assert (done.tag, done.code) == (ber.SEARCH_DONE, 0)
        assert (notice.number, notice.code) == (0, 52)
        busy.close()


def test_ldap_14_at_the_end_of_the_drain_time_the_rest_is_told_with_52(open_house):
    with open_house(SHORT) as door:
        add_big_entries(door)
        wires = [
            bound(door, GOOD, door.good.secret),
            idle(door, DORA, MAIN),
            with_answers_unread(door, GOOD, door.good.secret),
        ]
        stranger = door.wire()
        stop(door)
        assert door.gateway.process.wait(20) == 0  # who reads on in time gets all
        assert_cut(wires)
        assert_told(stranger)
        for wire in (*wires, stranger):
            wire.close()


def test_ldap_14_a_client_in_the_middle_of_a_bind_is_told_too(open_house):
    with open_house("drain_seconds = 0\nrefusal_seconds = 30") as door, door.wire() as wire:
        wire.send(ber.bind(1, GOOD, "wrong"))
        door.until_logins(1)
        door.gateway.process.send_signal(signal.SIGTERM)
        assert_told(wire)
