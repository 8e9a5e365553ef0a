"""LDAP-29: octets made up by the hundred, and whether slapd ever understands another thing than the gateway.

slapd's own log is the oracle: all that the gateway sends by its account runs in the name of the user that was
judged, and writes no password. What the gateway writes anew, slapd reads as what was meant.
"""

import random
from contextlib import suppress

import pytest

from protocols.dialogue import ProtocolError
from tests.gateway.ldap import ber
from tests.gateway.ldap.slapd_log import names_of_operations, written_attributes
from tests.gateway.site import MAIN
from tests.protocols.ldap.nesting import constructed, widened, with_more
from tests.servers.directory import PEOPLE, ROOT_DN, person_dn

pytestmark = pytest.mark.timeout(300)
VICTIM, ATTACKER = person_dn("target"), person_dn("eve")
PROXIED = "2.16.840.1.113730.3.4.18"
SECRET = ber.element(0x30, ber.octets("userPassword"), ber.element(0x31, ber.octets("new")))
IDENTITIES = [f"dn:{VICTIM}", f"dn:{ROOT_DN}", "", "u:target"]
CONTROLS = [ber.control(PROXIED, identity.encode()) for identity in IDENTITIES]
SMUGGLED = [
    *(ber.element(0xA0, control) for control in CONTROLS),
    *CONTROLS,
    CONTROLS[0][2:],
    SECRET,
    ber.element(0x30, ber.integer(2, 0x0A), SECRET),
    ber.integer(2, 0x0A) + SECRET,
    SECRET[2:],
    b"\0",
    b"\0\0",
    b"\4\x50",
    b"\x30\x80",
    ber.octets("x"),
]
PAGED = ber.control("1.2.840.113556.1.4.319", ber.element(0x30, ber.integer(10), ber.octets("")))
FILTER = ber.element(0xA0, ber.present(), ber.element(0xA2, ber.equals("uid", "x")))
REQUESTS = [
    ber.search(7, PEOPLE, FILTER, ["homePhone", "uid"]),
    ber.search(
        7, PEOPLE, FILTER, ["homePhone"], controls=[PAGED, ber.control("1.2.3", b"x", critical=False)]
    ),
    ber.modify(7, ATTACKER, "title", "x"),
    ber.modify(7, ATTACKER, "title", "x", [ber.control("2.16.840.1.113730.3.4.2", critical=False)]),
    ber.modify(7, ATTACKER, "userPassword", "new"),
    ber.add(7, f"cn=new,{ATTACKER}", "cn", "new"),
    ber.rename(7, VICTIM, "uid=stolen"),
    ber.compare(7, VICTIM, "homePhone", "1"),
    ber.extended(7, ber.WHO_AM_I),
    ber.extended(7, ber.PASSWORD_MODIFY, ber.element(0x30, ber.octets("new", 0x82))),
]


def evil_messages(seed, count):
    """Each with something more in it somewhere, NULs in its strings, or an octet that is another."""
    chance = random.Random(seed)
    for _ in range(count):
        message = chance.choice(REQUESTS)
        with suppress(ProtocolError):  # what is broken by now isn't broken again
            for _ in range(chance.randint(1, 2)):
                which = chance.randrange(constructed(message, 0, len(message)))
                message = with_more(message, which, chance.choice(SMUGGLED))
        if chance.random() < 0.3:
            name = chance.choice([b"title", b"uid", b"1.2.3", b"userPassword", PROXIED.encode()])
            message = message.replace(name, name[:-1] + chance.choice([b"\0", b" ", b"\xff", b";"]))
        if chance.random() < 0.3:
            at = chance.randrange(6, len(message))  # behind the length of the whole
            message = message[:at] + bytes((chance.randrange(256),)) + message[at + 1 :]
        yield message


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    for name in ("target", "eve"):
        standing_door.add(name, "enforced")
        standing_door.slapd.modify(person_dn(name), {"homePhone": [f"{name}'s own"]})
    standing_door.eve = standing_door.give("eve")


def until_answered(wire, message, number):
    """Whatever the gateway and slapd make of it; whether the connection goes on."""
    try:
        wire.send(message + ber.compare(number, ATTACKER, "uid", "eve"))
        heard = wire.rest(last=number)
    except (ConnectionError, OSError):
        return False
    assert not any(b"target's own" in getattr(one, "data", b"") for one in heard), message.hex()
    return bool(heard) and heard[-1].number == number


@pytest.mark.parametrize("seed", range(4))
def test_ldap_29_slapd_never_understands_another_thing_than_was_judged(door, seed):
    messages = list(evil_messages(seed, 150))
    while messages:
        with door.wire() as wire:
            assert wire.bind(ATTACKER, door.eve.secret) == (0, "")
            while messages and until_answered(wire, messages.pop(), 99):
                pass
    log = door.slapd_log()
    assert names_of_operations(log) == {ATTACKER}
    assert not written_attributes(log) & {"userpassword", "2.5.4.35"}
    with door.slapd_wire() as wire:
        for dn in (VICTIM, ATTACKER):
            assert wire.bind(dn, MAIN) == (0, "")


@pytest.mark.parametrize("width", [0, 3, 4])
def test_slapd_reads_what_is_written_anew_as_what_was_meant(door, width):
    """The same answers through the gateway as from slapd itself, however long the lengths are written."""
    requests = [
        ber.search(7, PEOPLE, ber.element(0xA1, ber.equals("uid", "eve"), FILTER), ["uid", "homePhone"]),
        ber.search(7, ATTACKER, ber.present(), scope=ber.BASE, controls=[PAGED]),
        ber.search(7, PEOPLE, ber.equals("no-such-attribute", "x")),
        ber.modify(7, ATTACKER, "title", "x" * 300),
        ber.modify(7, VICTIM, "title", "x"),
        ber.compare(7, ATTACKER, "uid", "eve"),
        ber.compare(7, "no DN", "uid", "eve"),
        ber.delete(7, f"cn=nothing,{ATTACKER}"),
        ber.rename(7, ATTACKER, "cn="),
        ber.extended(7, ber.WHO_AM_I),
    ]
    with door.wire() as through, door.slapd_wire() as direct:
        assert through.bind(ATTACKER, door.eve.secret) == (0, "")
        assert direct.bind(ATTACKER, MAIN) == (0, "")
        for request in requests:
            octets = widened(request, width) if width else request
            for wire in (through, direct):
                wire.send(octets)
            assert answers(through) == answers(direct), request.hex()


def answers(wire):
    """All that answers the message 7, up to its result."""
    heard = wire.rest(last=7)
    while not isinstance(heard[-1], ber.Answer):
        heard += wire.rest(last=7)
    return heard
