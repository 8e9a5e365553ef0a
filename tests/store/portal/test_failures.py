"""WEB-15, WEB-16: guesses at the second step, on each kind of store and by two portals at once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from store import audit, users
from store.portal import failures, unlocking
from store.portal.failures import FIRST_PAUSE, FREE, LOCKED, LONGEST_PAUSE, MANY_FAILURES, MOST_FAILURES, Kind
from store.portal.schema import second_step_failures
from tests.store.portal.test_races import at_once

kinds = pytest.mark.parametrize("kind", list(Kind))
YEAR = timedelta(days=365)


def fail(database, user, kind=Kind.APP):
    """One wrong code; whether it was looked at."""
    taken = failures.take_a_try(database, user.id, kind) is None
    if taken:
        failures.note_failure(database, user.id, kind)
    return taken


def let_pass(database, time):
    """As if so much time had passed since the latest failure."""
    with database.write() as connection:
        for row in connection.execute(second_step_failures.select()).all():
            mine = (second_step_failures.c.user_id == row.user_id, second_step_failures.c.kind == row.kind)
            connection.execute(
                update(second_step_failures).where(*mine).values(latest_at=row.latest_at - time)
            )


def fail_until_locked(database, user, kind=Kind.APP):
    """How many wrong codes are looked at, whatever patience those have who guess."""
    number = 0
    let_pass(database, YEAR)
    while fail(database, user, kind):
        number += 1
        let_pass(database, YEAR)
    return number


def told(database, user):
    return [one.action for one in reversed(audit.entries(database, user.login)) if one.actor == "portal"]


@kinds
def test_web_15_there_are_a_hundred_in_a_row_and_then_none_for_ever(database, other, fritz, kind):
    assert fail_until_locked(database, fritz, kind) == MOST_FAILURES == 100
    let_pass(database, 100 * YEAR)
    assert not fail(other, fritz, kind)
    [streak] = failures.streaks(other, fritz.id)
    assert (streak.kind, streak.count, streak.is_locked) == (kind, 100, True)


@kinds
def test_web_15_pauses_double_up_to_an_hour(database, other, fritz, kind):
    for _ in range(FREE):
        assert fail(database, fritz, kind)
    pause, pauses = FIRST_PAUSE, []
    while len(pauses) < 12:
        let_pass(database, pause - timedelta(seconds=5))
        assert not fail(other, fritz, kind)
        let_pass(database, timedelta(seconds=5))
        assert fail(other, fritz, kind)
        pauses.append(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    assert pauses[-1] == LONGEST_PAUSE == timedelta(hours=1)


def test_web_15_what_comes_at_once_after_a_pause_is_one_try(database, other, fritz):
    for _ in range(FREE):
        fail(database, fritz)
    let_pass(database, YEAR)
    nodes = iter([database, other] * 50)
    assert at_once(lambda: fail(next(nodes), fritz)).count(True) == 1


def test_web_15_the_last_try_is_given_once_however_many_come_for_it(database, other, fritz):
    for _ in range(MOST_FAILURES - 1):
        assert fail(database, fritz)
        let_pass(database, YEAR)
    nodes = iter([database, other] * 50)
    assert at_once(lambda: fail(next(nodes), fritz)).count(True) == 1
    let_pass(database, YEAR)
    assert not fail(database, fritz)


@kinds
def test_web_15_the_user_is_told_after_five_and_once_more_when_locked(database, fritz, kind):
    for _ in range(FREE - 1):
        fail(database, fritz, kind)
    assert told(database, fritz) == []
    fail(database, fritz, kind)
    assert told(database, fritz) == [MANY_FAILURES]
    let_pass(database, YEAR)
    fail_until_locked(database, fritz, kind)
    assert told(database, fritz) == [MANY_FAILURES, LOCKED]


def test_web_15_many_who_fail_at_once_are_told_of_once(database, other, fritz):
    nodes = iter([database, other] * 50)
    at_once(lambda: fail(next(nodes), fritz))
    assert told(database, fritz) == [MANY_FAILURES]


def test_web_15_a_right_code_and_a_help_desk_begin_the_count_anew(database, other, fritz):
    for reset in (
        lambda: failures.forgive(database, fritz.id),
        lambda: unlocking.unlock(database, fritz.id, actor="test"),
    ):
        fail_until_locked(database, fritz)
        reset()
        assert failures.streaks(other, fritz.id) == []
        assert [fail(other, fritz) for _ in range(FREE + 1)] == [True] * FREE + [False]
        failures.forgive(database, fritz.id)


def test_web_15_a_clock_that_was_set_back_gives_no_more_tries(database, fritz):
    for _ in range(FREE):
        fail(database, fritz)
    let_pass(database, -timedelta(days=1))
    assert not fail(database, fritz)


@pytest.mark.parametrize("guessed", list(Kind))
def test_web_16_those_who_guess_at_one_kind_leave_the_other_open(database, fritz, guessed):
    fail_until_locked(database, fritz, guessed)
    [other_kind] = set(Kind) - {guessed}
    assert fail(database, fritz, other_kind)


def test_nothing_is_counted_for_a_user_who_is_gone(database, fritz):
    users.delete(database, fritz.login, actor="test")
    assert failures.take_a_try(database, fritz.id, Kind.APP) is not None
    failures.note_failure(database, fritz.id, Kind.APP)
    assert failures.streaks(database, fritz.id)[0].is_locked
    assert datetime.now(UTC) > failures.streaks(database, fritz.id)[0].latest_at
