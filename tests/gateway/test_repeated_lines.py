"""What a log bears of very many sources: the first line of each, and memory for no more than so many."""

import asyncio
from ipaddress import ip_address

import pytest

from gateway.repeated_lines import RepeatedLines

MOST_SOURCES, MOST_IN_ALL, MOST = 4096, 2000, 20


@pytest.fixture
def lines():
    loop = asyncio.new_event_loop()
    yield RepeatedLines(loop, MOST)
    loop.close()


def test_log_02_the_first_line_of_each_of_very_many_sources_is_written(lines):
    written = [lines.of_source(ip_address(0x0A000000 + number)) for number in range(MOST_SOURCES)]
    assert all(written)


def test_log_03_more_sources_than_are_told_apart_have_the_lines_of_one(lines):
    for number in range(MOST_SOURCES):
        lines.of_source(ip_address(0x0A000000 + number))
    others = [lines.of_source(ip_address(f"2001:db8:0:{number:x}::1")) for number in range(5000)]
    assert sum(others) == MOST


def test_log_03_all_together_write_no_more_than_so_many_beside_their_first(lines):
    sources = [ip_address(0x0A000000 + number) for number in range(500)]
    written = sum(lines.of_source(source) for source in sources for _ in range(MOST + 5))
    assert written == len(sources) + MOST_IN_ALL


def test_all_addresses_of_a_64_are_one_source_and_those_of_a_nat_are_many(lines):
    numbers = range(MOST + 7)
    assert sum(lines.of_source(ip_address(f"2001:db8::{number:x}")) for number in numbers) == MOST
    assert all(lines.of_source(ip_address(f"64:ff9b::c000:{0x200 + number:x}")) for number in numbers)
