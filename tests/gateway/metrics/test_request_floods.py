"""What a client of the metrics address can make of the octets that it may send."""

import pytest

from gateway.metrics.request import parse
from tests.protocols.growth import assert_linear

BEGIN, END = b"GET /metrics HTTP/1.1\r\n", b"\r\n\r\n"
FLOODS = {
    "fields": lambda size: BEGIN + b"x:\r\n" * (size // 4) + END,
    "fields of one name with values": lambda size: BEGIN + b"Accept: a\r\n" * (size // 11) + b"Host: x" + END,
    "a long name": lambda size: BEGIN + b"x" * size + END,
    "blanks": lambda size: BEGIN + b"x:" + b" " * size + END,
    "a long path": lambda size: b"GET /" + b"x" * size + b" HTTP/1.1" + END,
    "line ends": lambda size: BEGIN + b"\r" * size + END,
    "a long method": lambda size: b"x" * size + END,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_dos_24_a_request_for_metrics_is_read_in_linear_time(flood):
    def work(size):
        head = flood(size)
        return lambda: parse(head)

    assert_linear(work, 1000)
