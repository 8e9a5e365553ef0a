"""LDAP-24, LDAP-25 and LDAP-28: what a stranger makes the gateway hold, and how dear it is to read."""

import sys
import tracemalloc

import pytest

from protocols import ldap
from protocols.dialogue import READ, LoginResult, Outcome, Read
from protocols.ldap.decoding import MAX_CONTROLS
from protocols.terms import FrontTerms
from tests.protocols.ldap.filters import AND, NOT, element, nested, search
from tests.protocols.ldap.notation import message
from tests.protocols.talk import cutter, talk

BIND = message("bind 1 fritz secret")
ACCEPTED = LoginResult(Outcome.ACCEPTED, b"", delegated=b"u:fritz")
MOST = 16_384
CONTROLLED = {"bind 2 fritz secret": 0x61, 'search 2 "" base (cn=*)': 0x65, "delete 2 cn=x": 0x6B}
SUBSTRINGS = element(0xA4, b"\4\1x" + element(0x30, b"\x81\0" * 5000))
# Each grows with its number, as far as a message may.
GROWING = {
    "terms": lambda count: search(element(AND, b"\x87\1x" * count)),
    "depth": lambda count: search(nested([NOT] * count)),
    "a long value, deep": lambda count: search(nested([AND] * 40, element(0x87, b"x" * count))),
    "attributes": lambda count: search(b"\x87\1x", b"\4\1x" * count),
    "pieces": lambda count: search(element(0xA4, b"\4\1x" + element(0x30, b"\x81\1x" * count))),
    "values": lambda count: add(b"\x30" + element(0x30, b"\4\1x" + element(0x31, b"\4\1x" * count))[1:]),
    "written attributes": lambda count: add(b"\x30\5\4\1x\x31\0" * count),
    "controls": lambda count: with_controls(b"\x30\7\4\x051.2.3" * count),
    "small messages": lambda count: message("delete 2 x") * count,
}


def add(attributes):
    return element(0x30, b"\2\1\2" + element(0x68, b"\4\1x" + element(0x30, attributes)))


def modify(attribute, count):
    change = element(0x30, b"\x0a\1\2" + element(0x30, attribute))
    return element(0x30, b"\2\1\2" + element(0x66, b"\4\1x" + element(0x30, change * count)))


def with_controls(controls):
    return element(0x30, b"\2\1\2\x4a\1x" + element(0xA0, controls))


@pytest.mark.parametrize("size", [1, 100, 8192])
def test_ldap_24_a_stranger_makes_the_gateway_hold_a_message_of_16_kib_and_no_more(size):
    front = ldap.front(FrontTerms())
    begun = b"\x30\x84" + (MOST - 6).to_bytes(4) + b"\2\1\2\x63" + bytes(MOST)
    tracemalloc.start()
    try:
        assert front.send(None) is READ
        before, _ = tracemalloc.get_traced_memory()
        for at in range(0, MOST - size, size):
            assert isinstance(front.send(begun[at : at + size]), Read)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held - before < 2 * MOST


def test_ldap_24_a_longer_message_ends_it_before_any_of_it_is_awaited():
    for claimed in (MOST + 1, 262_143, 4_194_303):
        ended = talk(ldap.front(FrontTerms()), [b"\x30\x84" + (claimed - 6).to_bytes(4)])
        assert ended.end == f"ProtocolError: message too long: {MOST} bytes are allowed here"


@pytest.mark.parametrize(("operation", "answer"), CONTROLLED.items())
@pytest.mark.parametrize("bound", [False, True], ids=["stranger", "admitted"])
def test_ldap_25_a_message_has_sixteen_controls_at_most(operation, answer, bound):
    def controlled(count):
        controls = " ".join(f"[1.2.3.{number}]" for number in range(count))
        stream = (BIND if bound else b"") + message(f"{operation} {controls}")
        return talk(ldap.front(FrontTerms()), [stream], results=[ACCEPTED] * 2).sent

    refusal = b"A request may have 16 controls"
    assert refusal not in controlled(MAX_CONTROLS)
    told = controlled(MAX_CONTROLS + 1)
    assert told.endswith(refusal)
    assert bytes((answer,)) in told


def steps_of(stream, size):
    """How many lines of the gateway's own are run for it."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        if "/protocols/" not in frame.f_code.co_filename or "/tests/" in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    front, old = ldap.front(FrontTerms()), sys.gettrace()
    sys.settrace(trace)
    try:
        talk(front, [BIND + stream], cutter([size]), [ACCEPTED])
    finally:
        sys.settrace(old)
    return count


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        (add(element(0x30, b"\4\1x" + element(0x31, b"\4\0" * 50_000)) * 3), b"may write 100000 values"),
        (add(element(0x30, b"\4\1x" + element(0x31, b"\4\0" * 250)) * 5000), b"may write 100000 values"),
        (modify(b"\4\1x" + element(0x31, b"\4\0" * 50_000), 3), b"may write 100000 values"),
        (search(element(AND, SUBSTRINGS * 200)), b"The filter is too large"),
    ],
)
def test_ldap_28_what_is_repeated_is_counted_over_the_whole_message(stream, told):
    ended = talk(ldap.front(FrontTerms()), [BIND + stream], results=[ACCEPTED])
    assert told in ended.sent
    assert ended.forwarded == []


@pytest.mark.parametrize("what", GROWING)
@pytest.mark.parametrize("size", [8192, 50], ids=["whole", "in pieces"])
def test_ldap_28_reading_costs_in_proportion_to_size(what, size):
    """Whatever grows, twice as much of it costs at most twice as much, and a little."""
    small, large = (GROWING[what](count) for count in (2000, 4000))
    nothing = steps_of(b"", size)
    few, many = steps_of(small, size) - nothing, steps_of(large, size) - nothing
    assert many <= 2.1 * few + 500
    assert many <= 60 * len(large)
