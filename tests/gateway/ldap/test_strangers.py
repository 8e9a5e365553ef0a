"""DOS-13 and DOS-15 at the LDAP door: of too many strangers of one source the oldest makes room."""

import pytest

from tests.gateway.ldap import ber
from tests.servers.directory import person_dn

OF_A_SOURCE = 3
LIMITS = f"refusal_seconds = 0\ndrain_seconds = 0\nstrangers_per_source = {OF_A_SOURCE}"
MORE = "[throttle]\nfailures_per_source = 0\n"


def bound(door):
    wire = door.wire()
    assert wire.bind(person_dn("good"), door.good.secret) == (0, "")
    return wire


def is_cut(wire):
    """A notice of disconnection is the last that it hears (RFC 4511, section 4.4.1)."""
    return wire.answer().number == 0 and wire.answer() is None


@pytest.mark.parametrize("tls", ["implicit", "none"])
def test_dos_13_the_oldest_stranger_makes_room_and_nobody_who_is_in(door, tls):
    with bound(door) as let_in:
        strangers = [door.wire(tls) for _ in range(OF_A_SOURCE + 1)]
        assert is_cut(strangers[0])
        for wire in strangers[1:]:
            wire.send(ber.search(1, "", scope=ber.BASE))
            assert wire.answer() is not None
        assert let_in.who_am_i() == f"dn:{person_dn('good')}"
        for wire in strangers:
            wire.close()


def test_dos_13_who_was_somebody_and_is_nobody_counts_again(door):
    """Else a user could keep any number of connections that nobody is logged in on."""
    wires = []
    for _ in range(OF_A_SOURCE + 1):
        wires.append(bound(door))
        assert wires[-1].bind(person_dn("good"), "wrong")[0] == 49
    assert is_cut(wires[0])
    for wire in wires:
        wire.close()
