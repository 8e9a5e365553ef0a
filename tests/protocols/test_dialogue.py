"""The buffer that every dialogue reads from, and what its values show of themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.dialogue import Buffer, Credentials, Login, ProtocolError
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


def measure(data):
    """Messages that begin with their length: one digit, or a zero and two digits; 20 bytes at most."""
    if not data:
        return 1
    digits = 3 if data[:1] == b"0" else 1
    if len(data) < digits:
        return digits
    if int(data[:digits]) > 20:
        raise ProtocolError("too long")
    return digits + int(data[:digits])


def two_messages():
    buffer = Buffer()
    first = yield from buffer.read_measured(measure)
    second = yield from buffer.read_measured(measure)
    return (first, second), buffer.take()


def measured(contents, long):
    return (b"%03d" if long or len(contents) > 9 else b"%d") % len(contents) + contents


messages = st.builds(measured, st.binary(max_size=20), st.booleans()).filter(lambda data: data != b"0")


@given(st.lists(messages, min_size=2, max_size=4), st.binary(max_size=3), cuts)
def test_measured_messages_are_the_same_for_any_chunks(several, behind, cut):
    ended = talk(two_messages(), [b"".join(several) + behind], cut)
    assert ended.end == (several[0], several[1])
    assert ended.left == b"".join(several[2:]) + behind


def test_a_message_that_is_too_long_is_refused_before_anybody_waits_for_it():
    assert talk(two_messages(), [b"021"]).end == "ProtocolError: too long"
    assert talk(two_messages(), [b"1a021" + bytes(21)]).end == "ProtocolError: too long"


@pytest.mark.parametrize("stream", [b"", b"0", b"02", b"020", b"020abc", b"1a5bcd"])
def test_the_end_of_the_stream_within_a_message_is_an_eof(stream):
    assert talk(two_messages(), [stream]).end == "EOFError: "


def test_a_password_is_not_shown_by_what_carries_it():
    credentials = Credentials(b"alice", b"hunter2")
    assert "hunter2" not in repr(credentials) + repr(Login(credentials)) + str(credentials)
