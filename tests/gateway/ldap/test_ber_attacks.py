"""LDAP-10 and LDAP-11: octets that no client should send, before a bind and after it, and all at the wire."""

import contextlib
import itertools

import pytest

from tests.gateway.ldap import ber
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

ADMIN_LIMIT_EXCEEDED, PROTOCOL_ERROR = 11, 2
# Each is refused at once, by a notice of disconnection, however much or little follows.
BROKEN = {
    "2 GiB": "30847fffffff",
    "4 GiB": "3084ffffffff",
    "16 EiB": "3088ffffffffffffffff",
    "a length of five octets": "30850000000005",
    "a length of 126 octets": "30fe" + "00" * 126,
    "a length of 127 octets": "30ff" + "01" * 127,
    "an indefinite length": "3080020101420000000000",
    "no sequence": "31050201014200",
    "a primitive sequence": "10050201014200",
    "a tag of several octets": "3f8101050201014200",
    "an empty message": "3000",
    "no operation": "3003020101",
    "an operation of several octets": "3006020101" + "7f8101",
    "an operation that is longer than its message": "3006020101630a00",
    "an operation of 2 GiB in a message of 50 octets": "3032020101" + "63847fffffff" + "00" * 41,
    "a number of nine octets": "300d0209010203040506070809" + "4200",
    "a number that is too large": "3008020480000000" + "4200",
    "a negative number": "30050201ff" + "4200",
    "an empty number": "30040200" + "4200",
    "a number that is no number": "30050401014200",
    "a number of 2 GiB": "300702847fffffff4200",
    "the number of unsolicited messages": "3005020100" + "4a00",
    "a response": "300c02010161070a010004000400",
    "an operation that there is not": "3005020101" + "5f00",
    "more behind the operation": "3007020101420004 00".replace(" ", ""),
    "more behind the controls": "30090201014a00a0000400",
    "a bind without a version": "3005020101" + "6000",
    "a bind that is cut off": "300a020101" + "600502010304ff",
    "a bind with more in it": "300f020101" + "600a020103040080000400 00".replace(" ", ""),
    "a bind whose name is longer than it": "3011020101" + "600c02010304847fffffff800000",
    "a bind with an indefinite name": "300e020101" + "6009020103248000008000",
    "an extended operation without a name": "3005020101" + "7700",
    "a StartTLS with an indefinite name": "3009020101" + "7704a0800000",
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".hex(),
    "TLS in TLS": "16030100050100000100",
    "text": b"help\r\n".hex(),
    "nothing but zeros": "00" * 50,
}
CHILDREN = {
    "base": "04847fffffff",
    "scope": "0400" + "0a847fffffff",
    "filter": "0400" + "0a0102" + "0a0100" + "020100" + "020100" + "010100" + "87847fffffff",
    "attributes": "0400" + "0a0102" + "0a0100" + "020100" + "020100" + "010100" + "870178" + "30847fffffff",
}


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    standing_door.add("dora", "disabled")


def enter(door, wire, who):
    if who == "admitted":
        assert wire.bind(person_dn("good"), door.good.secret) == (0, "")
    elif who == "passed through":
        assert wire.bind(person_dn("dora"), MAIN) == (0, "")


def assert_sent_away(wire):
    """One notice of disconnection, and the end: nobody waits for more."""
    [notice] = wire.rest()
    assert (notice.number, notice.code, notice.name) == (0, PROTOCOL_ERROR, ber.NOTICE_OF_DISCONNECTION)


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("who", ["stranger", "admitted", "passed through"])
def test_ldap_10_broken_octets_end_the_connection_at_once(door, who, what):
    with door.wire() as wire:
        enter(door, wire, who)
        wire.send(bytes.fromhex(BROKEN[what]))
        assert_sent_away(wire)
    assert "client turned away" in door.log()
    door.until_sessions(0)


@pytest.mark.parametrize("what", CHILDREN)
@pytest.mark.parametrize("who", ["stranger", "admitted", "passed through"])
def test_ldap_10_a_part_that_is_longer_than_the_whole_is_no_operation(door, who, what):
    with door.wire() as wire:
        enter(door, wire, who)
        wire.send(ber.message(7, ber.element(0x63, bytes.fromhex(CHILDREN[what]))) + ber.UNBIND)
        assert all(answer.code != 0 for answer in wire.rest())
    assert door.searches_at_slapd("") == []


def test_ldap_10_nothing_is_allocated_for_what_a_length_claims(door):
    before = door.memory_kib()
    wires = [door.wire() for _ in range(50)]
    for wire in wires:
        wire.send(bytes.fromhex("3082 3ffc 020101 60".replace(" ", "")))  # as long as a stranger's may be
    for wire in wires[:25]:
        wire.send(b"x")
    assert door.memory_kib() - before < 50 * 200
    for wire in wires:
        wire.close()


@pytest.mark.parametrize(("who", "most"), [("stranger", 16384), ("admitted", 4194303)])
def test_ldap_10_a_message_has_an_end_which_is_wider_after_the_bind(door, who, most):
    with door.wire() as wire:
        enter(door, wire, who)
        assert wire.ask(search_of(most)).number == 7
        wire.send(search_of(most + 1)[:1000])
        assert_sent_away(wire)


def search_of(size):
    """A search that takes exactly so many octets, because of the attribute that it asks for."""
    name = size - 100
    while len(request := ber.search(7, PEOPLE, attributes=["x" * name])) != size:
        name += size - len(request)
    return request


def test_ldap_10_lengths_may_be_written_longer_than_they_need_be(door):
    """As Windows always does. What they mean is the same."""
    with door.wire() as wire:
        secret, name = door.good.secret.encode(), person_dn("good").encode()
        operation = long(0x60, long(2, b"\3") + long(4, name) + long(0x80, secret))
        assert wire.ask(long(0x30, long(2, b"\1") + operation)).code == 0
        assert wire.who_am_i() == f"dn:{person_dn('good')}"


def long(tag, contents):
    return bytes([tag, 0x84]) + len(contents).to_bytes(4) + contents


@pytest.mark.parametrize("who", ["admitted", "passed through"])
@pytest.mark.parametrize("kind", [0xA2, 0xA0, 0xA1])
@pytest.mark.parametrize("depth", [51, 10_000])
def test_ldap_11_a_filter_that_is_too_deep_never_reaches_slapd(door, who, kind, depth):
    with door.wire() as wire:
        enter(door, wire, who)
        answer = wire.ask(ber.search(7, PEOPLE, nested(kind, depth)))
        assert (answer.number, answer.tag, answer.code) == (7, ber.SEARCH_DONE, ADMIN_LIMIT_EXCEEDED)
        assert wire.ask(ber.search(8, PEOPLE, nested(kind, 49))).code == 0
    assert len(door.searches_at_slapd("")) == 1


def nested(kind, depth):
    filter = ber.present("uid")
    for _ in range(depth):
        filter = ber.element(kind, filter)
    return filter


@pytest.mark.parametrize("who", ["admitted", "passed through"])
def test_ldap_11_a_filter_with_too_many_terms_never_reaches_slapd(door, who):
    with door.wire() as wire:
        enter(door, wire, who)
        wide = ber.element(0xA1, *itertools.repeat(ber.equals("uid", "x"), 10_001))
        assert wire.ask(ber.search(7, PEOPLE, wide)).code == ADMIN_LIMIT_EXCEEDED
        assert door.searches_at_slapd("") == []
        broad = ber.element(0xA1, *itertools.repeat(ber.equals("uid", "x"), 5000))
        assert wire.ask(ber.search(8, PEOPLE, broad)).code == 0


def test_ldap_11_a_million_attributes_are_nobodys_trouble(door):
    """They fit into no message; as many as fit are slapd's business, and quickly looked at."""
    with door.wire() as wire:
        enter(door, wire, "admitted")
        assert wire.ask(ber.search(7, PEOPLE, ber.present(), ["x"] * 300_000)).number == 7
        with contextlib.suppress(OSError):
            wire.send(ber.search(8, PEOPLE, ber.present(), ["x"] * 1_400_000))
        wire.octets_until_the_cut()
    with door.wire() as wire:
        enter(door, wire, "admitted")
        changes = b"".join(itertools.repeat(change("x"), 10_001))
        wire.send(ber.message(9, ber.element(0x66, ber.octets(PEOPLE), ber.element(0x30, changes))))
        assert_sent_away(wire)


def change(name):
    attribute = ber.element(0x30, ber.octets(name), ber.element(0x31, ber.octets("x")))
    return ber.element(0x30, ber.integer(0, 0x0A), attribute)


def test_alpn_02_a_browser_is_sent_away_and_hears_nothing_of_itself(door):
    page = b"GET /<script>alert(1)</script> HTTP/1.1\r\nHost: ldap\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n"
    for tls in ("implicit", "none"):
        with door.wire(tls) as wire:
            wire.send(page)
            [notice] = wire.rest()
            assert "script" not in notice.text
            assert "HTTP" not in notice.text
    assert door.logins() == []
