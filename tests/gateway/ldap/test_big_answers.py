"""A great deal at once: an entry of a mebibyte, a thousand searches in one write, nobody who reads."""

import random
import time
from pathlib import Path

import ldap3
import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.ber import Found
from tests.gateway.site import MAIN

pytestmark = pytest.mark.timeout(60)
TLS = pytest.mark.parametrize("tls", ["implicit", "starttls"])
MIB = 1 << 20
FIRST = 1000  # message IDs
PHOTO = 1 << 16


@pytest.fixture
def photo(door, entrant):
    """An attribute that makes each answer big."""
    photo = random.Random(1).randbytes(PHOTO)
    with door.client() as client:
        assert client.bind(entrant.dn, entrant.secret) == (0, "")
        assert client.code("modify", entrant.dn, {"jpegPhoto": [(ldap3.MODIFY_REPLACE, [photo])]}) == 0
    return photo


def bound(door, entrant, tls="implicit", **more):
    wire = door.wire(tls, **more)
    assert wire.bind(entrant.dn, entrant.secret) == (0, "")
    return wire


def own_entry(entrant, number, attribute="mail"):
    return ber.search(number, entrant.dn, attributes=[attribute], scope=ber.BASE)


def answered(wire, count):
    """How many entries and how many results came for each message ID, until there are so many results."""
    entries, results = {}, {}
    while sum(results.values()) < count:
        answer = wire.answer()
        kept = entries if isinstance(answer, Found) else results
        kept[answer.number] = kept.get(answer.number, 0) + 1
        assert isinstance(answer, Found) or (answer.tag, answer.code) == (ber.SEARCH_DONE, 0)
    return entries, results


@TLS
def test_an_entry_of_a_mebibyte_passes_byte_for_byte_both_ways(door, entrant, tls):
    photo = random.Random(tls).randbytes(MIB)
    with door.client(tls) as client:
        assert client.bind(entrant.dn, entrant.secret) == (0, "")
        assert client.code("modify", entrant.dn, {"jpegPhoto": [(ldap3.MODIFY_REPLACE, [photo])]}) == 0
        assert photo_of(client, entrant) == photo
    with door.slapd_client() as direct:
        assert direct.bind(entrant.dn, MAIN) == (0, "")
        assert photo_of(direct, entrant) == photo


def photo_of(client, entrant):
    assert client.search(entrant.dn, "(uid=*)", ["jpegPhoto"])
    [photo] = client.ldap3.response[0]["raw_attributes"]["jpegPhoto"]
    return photo


@TLS
def test_a_thousand_searches_in_one_write_are_each_answered_once(door, entrant, tls):
    numbers = range(FIRST, FIRST + 1000)
    once = dict.fromkeys(numbers, 1)
    with bound(door, entrant, tls) as wire:
        wire.send(b"".join(own_entry(entrant, number) for number in numbers))
        assert answered(wire, len(numbers)) == (once, once)
        assert wire.who_am_i() == f"dn:{entrant.dn}"


def test_more_searches_than_may_wait_are_answered_as_well(door, entrant, photo):
    """Those with a photo are stuck until the client reads, and the others behind them."""
    stuck, behind = range(FIRST, FIRST + 300), range(FIRST + 300, FIRST + 2500)
    once = dict.fromkeys((*stuck, *behind), 1)
    with bound(door, entrant, buffer=16384) as wire:
        wire.send(b"".join(own_entry(entrant, number, "jpegPhoto") for number in stuck))
        wire.send(b"".join(own_entry(entrant, number) for number in behind))
        until_slapd_searches_for_photos(door)
        assert answered(wire, len(once)) == (once, once)


def test_a_client_that_reads_nothing_costs_no_memory_and_gets_all_when_it_reads(door, entrant, photo):
    numbers = range(FIRST, FIRST + 1000)
    once = dict.fromkeys(numbers, 1)
    with bound(door, entrant, buffer=16384) as wire:
        wire.send(own_entry(entrant, 1, "jpegPhoto"))
        assert photo in wire.answer().data
        assert wire.answer().code == 0
        before = new_peak(door.gateway.process.pid)
        wire.send(b"".join(own_entry(entrant, number, "jpegPhoto") for number in numbers))
        until_slapd_searches_for_photos(door)
        door.lets_a_good_login_in()
        assert answered(wire, len(numbers)) == (once, once)
    assert peak(door.gateway.process.pid) - before < 8 * MIB


def until_slapd_searches_for_photos(door):
    """It gets stuck in the first few dozens of them, where nobody reads."""
    end = time.monotonic() + 10
    while door.slapd_log().count("SRCH attr=jpegPhoto") < 20:
        assert time.monotonic() < end, door.slapd_log()[-2000:]
        time.sleep(0.02)


def new_peak(pid):
    """Forget how much memory the process ever had; returns what it has now, in bytes (proc(5))."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak(pid)


def peak(pid):
    """The most memory that the process had since then, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
