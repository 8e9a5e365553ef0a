"""What a user or a server can make the gateway do by what is merely relayed: never more than it is long."""

import sys

import pytest

from protocols.smtp import Progress
from tests.protocols.growth import assert_linear, at_once, in_bytes, in_chunks

MESSAGE = [(b"MAIL FROM:<a@b>\r\n", b"250 ok\r\n"), (b"DATA\r\n", b"354 go\r\n")]
CHUNK = [(b"MAIL FROM:<a@b>\r\n", b"250 ok\r\n")]
ASKED = [(b"HELP\r\n", b"")]
# Who says it, what came before, and what is said over and over.
FLOODS = {
    "line ends": ("client", [], b"\n"),
    "commands": ("client", [], b"NOOP\r\n"),
    "no line end": ("client", [], b"x"),
    "words": ("client", [], b"x "),
    "empty chunks": ("client", CHUNK, b"BDAT 0\r\n"),
    "chunks": ("client", CHUNK, b"BDAT 100\r\n" + b"x" * 100),
    "line ends of a text": ("client", MESSAGE, b"\r\n"),
    "dots of a text": ("client", MESSAGE, b"\r\n.\r"),
    "text": ("client", MESSAGE, b"x"),
    "texts that end": ("client", MESSAGE, b"\r\n.\r\n"),
    "line ends of the server": ("server", ASKED, b"\n"),
    "an answer that goes on": ("server", ASKED, b"250-x\r\n"),
    "an answer without a line end": ("server", ASKED, b"2"),
    "answers to nothing": ("server", [], b"250 x\r\n"),
}
PIECE = 1 << 19  # the most that the relay reads at once


def begun(before):
    progress = Progress()
    for said, answered in before:
        progress.heard(said, len(said))
        progress.answered(answered, len(answered))
    return progress


def hearing(progress, by):
    return progress.heard if by == "client" else progress.answered


@pytest.mark.parametrize("cut", [at_once, in_chunks, in_bytes])
@pytest.mark.parametrize(("by", "before", "said"), FLOODS.values(), ids=FLOODS)
def test_dos_20_what_is_relayed_is_followed_in_linear_time(by, before, said, cut):
    def work(size):
        pieces = list(cut(said * (size // len(said))))

        def follow():
            hear = hearing(begun(before), by)
            for piece in pieces:
                hear(piece, len(piece))

        return follow

    assert_linear(work, 16384)


@pytest.mark.parametrize(("by", "before", "said"), FLOODS.values(), ids=FLOODS)
def test_dos_20_a_turn_of_the_loop_follows_a_bounded_number_of_lines(by, before, said):
    hear, data, calls = hearing(begun(before), by), said * (PIECE // len(said)), 0

    def count(*_):
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        hear(data, len(data))
    finally:
        sys.setprofile(None)
    assert calls < 20_000


def test_dos_20_who_has_hundreds_of_commands_unanswered_is_busy_for_good():
    progress = begun([(b"NOOP\r\n" * 500, b"250 ok\r\n" * 500)])
    assert progress.idle
    progress = begun([(b"NOOP\r\n" * 501, b"250 ok\r\n" * 501), (b"NOOP\r\n", b"250 ok\r\n")])
    assert not progress.idle


@pytest.mark.parametrize(
    "answer", [b"250 ok\r\n250 ok\r\n", b"\r\n", b"hello\r\n", b"250-x\r\n" * 1000 + b"250 x\r\n"]
)
def test_dos_20_a_server_that_can_not_be_followed_makes_a_session_busy_for_good(answer):
    progress = begun([(b"NOOP\r\n", answer), (b"NOOP\r\n", b"250 ok\r\n")])
    assert not progress.idle


def test_dos_20_a_text_whose_end_was_not_looked_at_makes_a_session_busy_for_good():
    behind = b"NOOP\r\n" * 400
    progress = begun([*MESSAGE, (b"x\r\n.\r\n" + behind, b"250 taken\r\n" + b"250 ok\r\n" * 400)])
    assert not progress.idle


def test_dos_20_a_command_sent_along_behind_a_text_is_seen():
    progress = begun([*MESSAGE, (b"x\r\n" * 100_000 + b".\r\nRSET\r\n", b"250 taken\r\n")])
    assert not progress.idle
    progress.answered(b"250 ok\r\n", 8)
    assert progress.idle
