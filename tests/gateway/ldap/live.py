"""Bound connections in the situations in which one may be cut."""

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import Door
from tests.gateway.ldap.wire import Wire
from tests.servers.directory import PEOPLE

BIG, COUNT = 3 << 20, 8  # octets of an entry, and entries: more than the buffers of the kernel take


def add_big_entries(door: Door) -> None:
    """What `with_answers_unread` asks for."""
    for number in range(COUNT):
        door.add_to_slapd(f"big{number}", sn=["big"], postalAddress=["x" * BIG])


def bound(door: Door, name: str, secret: str) -> Wire:
    """It has bound and asked nothing yet."""
    wire = door.wire(buffer=16384)
    assert wire.bind(name, secret) == (0, "")
    return wire


def idle(door: Door, name: str, secret: str) -> Wire:
    """It has asked, was answered, and waits."""
    wire = bound(door, name, secret)
    assert wire.ask(ber.search(wire.next(), PEOPLE, ber.equals("uid", "good"))).code == 0
    return wire


def with_answers_unread(door: Door, name: str, secret: str) -> Wire:
    """It has asked for much, begun to read it, and reads no more.

    In one search: each that waits for such a client takes one of slapd's 16 threads.
    """
    wire = bound(door, name, secret)
    wire.send(ber.search(wire.next(), PEOPLE, ber.equals("sn", "big")))
    wire.hear(1)
    return wire


SITUATIONS = (bound, idle, with_answers_unread)


def assert_cut(wires: list[Wire]) -> None:
    """One in each situation: who isn't in the middle of an answer is told so (RFC 4511, section 4.4.1)."""
    *quiet, unread = wires
    for wire in quiet:
        [notice] = wire.rest()
        assert (notice.number, notice.code, notice.name) == (0, 52, ber.NOTICE_OF_DISCONNECTION)
    assert unread.octets_until_the_cut() < COUNT * BIG


def assert_alive(wires: list[Wire], dn: str) -> None:
    for wire in wires[:2]:
        assert wire.who_am_i() == f"dn:{dn}"
