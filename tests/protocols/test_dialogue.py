"""The buffer that every dialogue reads from, and what its values show of themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.dialogue import Buffer, Credentials, Login
from tests.protocols.chunks import cuts
from tests.protocols.talk import talk


def two_lines(limit):
    buffer = Buffer()
    first = yield from buffer.read_line(limit)
    second = yield from buffer.read_line(limit)
    return (first, second), buffer.take()


@given(st.lists(st.binary(max_size=10), min_size=2, max_size=4), st.sampled_from([b"\n", b"\r\n"]), cuts)
def test_lines_are_the_same_for_any_chunks(lines, end, cut):
    stream = end.join(lines) + end
    ended = talk(two_lines(1000), [stream], cut)
    first, second, *_ = (line.removesuffix(b"\r") for line in stream.split(b"\n"))
    assert ended.end == (first, second)
    assert ended.left == stream.split(b"\n", 2)[2]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_may_be_as_long_as_the_limit_and_no_longer(end):
    for cut in (lambda data: [data], lambda data: [bytes((byte,)) for byte in data]):
        assert talk(two_lines(5), [b"12345" + end + end], cut).end == (b"12345", b"")
        assert talk(two_lines(5), [b"123456" + end + end], cut).end == "ProtocolError: line too long"


def test_a_line_without_end_is_refused_as_soon_as_it_is_too_long():
    assert talk(two_lines(5), [b"1234567"]).end == "ProtocolError: line too long"
    assert talk(two_lines(5), [b"123456"]).end == "EOFError: "


@pytest.mark.parametrize("count", [0, 1, 5])
def test_exactly_as_many_bytes_are_read_as_asked_for(count):
    def reading():
        buffer = Buffer()
        data = yield from buffer.read_exactly(count)
        return data, buffer.take()

    ended = talk(reading(), [b"12345678"])
    assert (ended.end, ended.left) == (b"12345678"[:count], b"12345678"[count:])


def test_the_end_of_the_stream_in_the_middle_is_an_eof():
    def reading():
        return (yield from Buffer().read_exactly(5))

    assert talk(reading(), [b"1234"]).end == "EOFError: "


def test_a_password_is_not_shown_by_what_carries_it():
    credentials = Credentials(b"alice", b"hunter2")
    assert "hunter2" not in repr(credentials) + repr(Login(credentials)) + str(credentials)
