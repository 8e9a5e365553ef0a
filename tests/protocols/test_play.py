"""The player itself: what doesn't go as the transcript says must fail, and say where."""

import pytest

from protocols.dialogue import READ, Buffer, Credentials, Login, Send
from tests.protocols.play import play


def greeter():
    yield Send(b"hello\r\n")
    name = yield from Buffer().read_line(100)
    result = yield Login(Credentials(name, b"secret"))
    yield Send(result.text + b"\r\n")
    return b""


TRANSCRIPT = """
    S: hello
    C: alice
    login alice secret -> accepted Come in
    S: Come in
    relay
"""


def test_a_dialogue_that_goes_as_written_passes():
    play(greeter, TRANSCRIPT)


@pytest.mark.parametrize(
    ("written", "changed", "complaint"),
    [
        ("S: hello", "S: good day", "+ S: hello"),
        ("login alice secret", "login alice sesame", "+ login alice secret"),
        ("S: Come in", "S: come in", "+ S: Come in"),
        ("    relay\n", "", "+ relay"),
        ("    relay\n", "    relay: more\n", "- relay: more"),
        ("    relay\n", "    relay\n    C: one more\n", "- C: one more"),
        ("    C: alice\n", "", "- login alice secret"),
        ("C: alice", "end", "+ end of stream"),
        ("C: alice", "C(raw): alice", "- login alice secret"),
    ],
)
def test_any_difference_fails_and_is_shown(written, changed, complaint):
    assert written in TRANSCRIPT
    with pytest.raises(pytest.fail.Exception) as failure:
        play(greeter, TRANSCRIPT.replace(written, changed))
    assert complaint in str(failure.value)


def test_bytes_are_compared_and_not_their_looks():
    def sloppy():
        yield Send(b"hello \n")
        yield READ

    play(sloppy, r"S(raw): hello\x20\n")
    with pytest.raises(pytest.fail.Exception):
        play(sloppy, "S: hello")
