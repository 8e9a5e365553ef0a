"""Which records of accounts a process may believe, given the rows of the change feed that it knows."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.seen_changes import MOST_ROWS, SeenChanges
from store.model import Change
from store.redis.records import Stamp, stamp

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def row(position: int, user_id: int, seconds: int | None = None) -> Change:
    at = BEGIN + timedelta(seconds=position if seconds is None else seconds)
    return Change(position, user_id, 1, "changed", at)


def seen(rows: list[Change]) -> SeenChanges:
    changes = SeenChanges()
    changes.begin("a history", rows)
    return changes


def mark(one: Change) -> Stamp:
    return stamp(one.position, one.at)


def test_before_anything_is_known_nothing_is_believed() -> None:
    for changes in (SeenChanges(), seen([])):
        assert changes.newest is None
        assert not changes.vouches_for(1, Stamp(0, 0))
        assert not changes.vouches_for(1, mark(row(1, 2)))


def test_a_row_counts_for_whoever_was_not_changed_after_it() -> None:
    rows = [row(5, 1), row(7, 2), row(9, 3)]
    changes = seen(rows)
    assert changes.newest == mark(rows[2])
    assert [changes.vouches_for(1, mark(one)) for one in rows] == [True, True, True]
    assert [changes.vouches_for(2, mark(one)) for one in rows] == [False, True, True]
    assert [changes.vouches_for(3, mark(one)) for one in rows] == [False, False, True]
    assert [changes.vouches_for(4, mark(one)) for one in rows] == [True, True, True]


def test_a_row_that_is_not_known_counts_for_nobody() -> None:
    changes = seen([row(5, 1), row(7, 1)])
    for position in (0, 4, 6, 8, 1 << 62):
        assert not changes.vouches_for(2, mark(row(position if position < 1 << 62 else 9, 1)))
        assert not changes.vouches_for(2, Stamp(position, 0))


def test_a_row_of_the_same_position_in_another_future_counts_for_nobody() -> None:
    changes = seen([row(5, 1), row(7, 1)])
    assert not changes.vouches_for(2, mark(row(7, 1, seconds=8)))
    assert not changes.vouches_for(2, mark(row(5, 1, seconds=7)))


def test_a_row_that_comes_twice_is_one() -> None:
    changes = seen([row(5, 1), row(7, 2)])
    for one in (row(5, 1), row(7, 2), row(8, 3), row(7, 2), row(8, 3)):
        changes.note(one)
    assert changes.newest == mark(row(8, 3))
    assert changes.changed_at(1) == 5
    assert changes.changed_at(2) == 7
    assert changes.vouches_for(1, mark(row(7, 2)))


def test_another_history_begins_with_nothing() -> None:
    changes = seen([row(5, 1)])
    changes.begin("another", [])
    assert changes.history == "another"
    assert changes.changed_at(1) == 0
    assert not changes.vouches_for(2, mark(row(5, 1)))


def test_rows_are_forgotten_from_the_oldest_on_and_then_count_for_nobody() -> None:
    changes = seen([row(1, 1)])
    for position in range(2, 2 * MOST_ROWS + 3):
        changes.note(row(position, 2))
    assert not changes.vouches_for(1, mark(row(1, 1)))
    assert not changes.vouches_for(3, mark(row(MOST_ROWS, 2)))
    assert changes.vouches_for(3, mark(row(MOST_ROWS + 3, 2)))
    assert changes.vouches_for(1, mark(row(2 * MOST_ROWS + 2, 2)))


@given(
    users=st.lists(st.integers(1, 5), min_size=1, max_size=40),
    known_from=st.integers(0, 39),
    read_at=st.integers(0, 39),
    user=st.integers(1, 6),
)
def test_what_is_believed_is_never_older_than_the_users_last_change(
    users: list[int], known_from: int, read_at: int, user: int
) -> None:
    rows = [row(position, one) for position, one in enumerate(users, 1)]
    changes = seen(rows[known_from : known_from + 3])
    for one in rows[known_from + 3 :]:
        changes.note(one)
    record = mark(rows[read_at % len(rows)])
    last = max((one.position for one in rows if one.user_id == user), default=0)
    if changes.vouches_for(user, record):
        assert record.position >= last
        assert record.position > known_from
    elif record.position > known_from:
        assert record.position < last
