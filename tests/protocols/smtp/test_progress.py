"""When an SMTP session may be ended: between messages, with every command answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.smtp import Progress

MAIL = [(b"MAIL FROM:<a@b>\r\n", b"250 ok\r\n"), (b"RCPT TO:<c@d>\r\n", b"250-ok\r\n250 sure\r\n")]
TEXT = b"Subject: x\r\n\r\n..a\r\n.b\r\nc\r\n.\r\n"


def after(*exchange: tuple[bytes, bytes]) -> Progress:
    progress = Progress()
    for said, answered in exchange:
        progress.heard(said, len(said))
        progress.answered(answered, len(answered))
    return progress


IDLE = {
    "at the beginning": [],
    "after an answer": [(b"NOOP\r\n", b"250 ok\r\n")],
    "after a message": [*MAIL, (b"DATA\r\n", b"354 go\r\n"), (TEXT, b"250 taken\r\n")],
    "after an empty message": [*MAIL, (b"DATA\r\n", b"354 go\r\n"), (b".\r\n", b"250 taken\r\n")],
    "after a message that was refused": [*MAIL, (b"DATA\r\n", b"354 go\r\n"), (TEXT, b"554 no\r\n")],
    "after RSET": [*MAIL, (b"RSET\r\n", b"250 ok\r\n")],
    "after the last chunk": [*MAIL, (b"BDAT 3\r\nabc", b"250 ok\r\n"), (b"BDAT 0 LAST\r\n", b"250 ok\r\n")],
    "after a chunk that looks like a command": [*MAIL, (b"BDAT 6 LAST\r\nMAIL\r\n", b"250 ok\r\n")],
}
BUSY = {
    "within a command": [(b"NO", b"")],
    "before the answer": [(b"NOOP\r\n", b"")],
    "within an answer": [(b"EHLO x\r\n", b"250-hello\r\n250 SI")],
    "before the rest of an answer": [(b"EHLO x\r\n", b"250-hello\r\n")],
    "between two answers": [(b"NOOP\r\nNOOP\r\n", b"250 ok\r\n")],
    "before DATA": MAIL,
    "before the text": [*MAIL, (b"DATA\r\n", b"354 go\r\n")],
    "within the text": [*MAIL, (b"DATA\r\n", b"354 go\r\n"), (TEXT[:-3], b"")],
    "before the answer to the text": [*MAIL, (b"DATA\r\n", b"354 go\r\n"), (TEXT, b"")],
    "at a dot that isn't the last": [*MAIL, (b"DATA\r\n", b"354 go\r\n"), (b"a\n.\n", b"")],
    "between chunks": [*MAIL, (b"BDAT 3\r\nabc", b"250 ok\r\n")],
    "within a chunk": [*MAIL, (b"BDAT 3 LAST\r\nab", b"")],
    "before the answer to the last chunk": [*MAIL, (b"BDAT 3\r\nabcBDAT 3 LAST\r\nabc", b"250 ok\r\n")],
    "with the next message begun": [
        *MAIL,
        (b"DATA\r\n", b"354 go\r\n"),
        (TEXT + b"MAIL FROM:<a@b>\r\n", b"250 taken\r\n250 ok\r\n"),
    ],
}


@pytest.mark.parametrize("exchange", IDLE.values(), ids=IDLE)
def test_both_sides_may_part(exchange):
    assert after(*exchange).idle


@pytest.mark.parametrize("exchange", BUSY.values(), ids=BUSY)
def test_something_is_half_done(exchange):
    assert not after(*exchange).idle


@given(st.lists(st.integers(1, 9)), st.sampled_from([*IDLE.values(), *BUSY.values()]))
def test_how_bytes_are_cut_makes_no_difference(sizes, exchange):
    whole, pieces = after(*exchange), Progress()
    for said, answered in exchange:
        for hear, data in ((pieces.heard, said), (pieces.answered, answered)):
            for size in sizes:
                hear(data[:size], len(data[:size]))
                data = data[size:]
            hear(data, len(data))
    assert pieces.idle == whole.idle


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=200)), max_size=20))
def test_any_bytes_pass(said):
    progress = Progress()
    for by_client, data in said:
        (progress.heard if by_client else progress.answered)(data, len(data))
    assert progress.idle in (True, False)
