"""What the soak test takes for a fault."""

import pytest

from tests.soak.judgement import Arrival, arrivals_in, judge
from tests.soak.letter import letter

SEED, BOX = 7, "dora@example.test"
ONE = next(number for number in range(1, 100) if letter(SEED, number).to == (BOX,))
TWO = next(number for number in range(1, 100) if len(letter(SEED, number).to) == 2)


def arrival(number=ONE, queue_id="A", intact=True, box=BOX):
    return Arrival(box, number, queue_id, intact, "file")


def judged(number, arrivals, acknowledged=True):
    """Of a run in which all letters but this one are of no interest."""
    return judge(SEED, number, [number] if acknowledged else [], arrivals)


def test_an_acknowledged_letter_that_is_there_once_is_no_fault():
    assert judged(ONE, [arrival()]).faults == ()


@pytest.mark.parametrize("arrivals", [[], [arrival()]])
def test_a_letter_that_nobody_has_acknowledged_may_be_there_or_not(arrivals):
    judgement = judged(ONE, arrivals, acknowledged=False)
    assert (judgement.faults, judgement.arrived_unacknowledged) == ((), len(arrivals))


def test_a_copy_of_one_queue_file_is_counted_and_is_no_fault():
    judgement = judged(ONE, [arrival(), arrival()])
    assert (judgement.faults, judgement.copies, judgement.doubles) == ((), 1, 0)


@pytest.mark.parametrize("acknowledged", [True, False])
@pytest.mark.parametrize(
    ("arrivals", "fault"),
    [
        ([arrival(), arrival(queue_id="B")], "came in 2 times, as A, B"),
        ([arrival(), arrival(intact=False)], "is altered in dora@example.test"),
        ([arrival(), arrival(box="enno@example.test")], "is in enno@example.test, where it was not sent to"),
        ([arrival(), arrival(number=None)], "nobody has sent file"),
        ([arrival(), arrival(number=ONE + 1)], "nobody has sent file"),
    ],
)
def test_what_is_made_double_altered_or_misled_is_a_fault(arrivals, fault, acknowledged):
    (told,) = judged(ONE, arrivals, acknowledged).faults
    assert fault in told


def test_an_acknowledged_letter_that_is_not_there_is_a_fault():
    assert judged(ONE, []).faults == (f"letter {ONE} (acknowledged) is not in {BOX}",)


@pytest.mark.parametrize("acknowledged", [True, False])
def test_so_is_one_that_only_some_of_its_addresses_got(acknowledged):
    first, second = letter(SEED, TWO).to
    (told,) = judged(TWO, [arrival(TWO, box=first)], acknowledged).faults
    assert told.endswith(f"is not in {second}")


def _stored(message):
    trace = (
        b"Return-Path: <fritz@example.test>\n"
        b"X-Original-To: dora@example.test\n"
        b"Delivered-To: dora@example.test\n"
        b"Received: from laptop.example.test (unknown [127.0.0.9])\n"
        b"\tby mx.example.test (Postfix) with ESMTPSA id 4jYp9952DXzJ9sR;\n"
        b"\tTue, 24 Nov 2026 16:26:37 +0000 (UTC)\n"
    )
    return trace + message.replace(b"\r\n", b"\n")


@pytest.mark.parametrize(
    ("change", "intact"),
    [
        (lambda message: message, True),
        (lambda message: message[:-3], False),
        (lambda message: message + b"\r\n", False),
        (lambda message: message.replace(b"\r\nDate:", b"\r\nX-Added: by the way\r\nDate:"), False),
    ],
    ids=["as sent", "cut off", "longer", "one line more"],
)
def test_a_delivered_letter_is_compared_with_what_was_sent(tmp_path, change, intact):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file").write_bytes(_stored(change(letter(SEED, ONE).message)))
    expected = Arrival(BOX, ONE, "4jYp9952DXzJ9sR", intact, "file")
    assert list(arrivals_in(tmp_path, BOX, SEED)) == [expected]
