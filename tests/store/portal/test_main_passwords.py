"""Main passwords that are kept in the store, and the budgets of guesses at them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from store import audit, users
from store.budget import Budget, Limit
from store.model import User
from store.portal import guesses, sessions
from store.portal.key import portal_key
from store.portal.local_passwords import UnfitPassword, is_right, set_password
from store.portal.schema import main_password_failures
from store.portal.sessions import Stage

GOOD = "four words in a row"
KEY = portal_key(bytes(32))


def test_a_password_is_right_and_others_are_not(database, argon2, fritz):
    assert not is_right(database, argon2, fritz.id, GOOD)
    assert set_password(database, argon2, fritz, GOOD, actor="test")
    assert is_right(database, argon2, fritz.id, GOOD)
    for wrong in ("", GOOD[:-1], GOOD + "x", GOOD.upper(), GOOD + " "):
        assert not is_right(database, argon2, fritz.id, wrong)


def test_the_newest_password_alone_is_right(database, argon2, fritz):
    set_password(database, argon2, fritz, GOOD, actor="test")
    set_password(database, argon2, fritz, "another row of words", actor="test")
    assert not is_right(database, argon2, fritz.id, GOOD)
    assert is_right(database, argon2, fritz.id, "another row of words")


def test_umlauts_and_spaces_are_the_same_however_they_were_typed(database, argon2, fritz):
    set_password(database, argon2, fritz, "schöne Grüße aus Köln", actor="test")
    assert is_right(database, argon2, fritz.id, "scho\u0308ne Gru\u0308\u00dfe\u00a0aus\u3000K\u00f6ln")


@pytest.mark.parametrize(
    "unfit",
    ["", "short", "x" * 14, "x" * 20, "x" * 1025, "abababababababab", "a row of words\0 more", "\ud800" * 20,
     "fritz@example.test", "Fritz@Example.TestFritz"],
)  # fmt: skip
def test_what_is_easy_to_guess_is_refused(database, argon2, fritz, unfit):
    with pytest.raises(UnfitPassword, match=r"main password"):
        set_password(database, argon2, fritz, unfit, actor="test")


def test_a_hash_is_computed_for_unknown_users_too(database, argon2, fritz):
    set_password(database, argon2, fritz, GOOD, actor="test")
    for user_id in (fritz.id, fritz.id + 1, None):
        before = argon2.runs
        assert not is_right(database, argon2, user_id, "wrong")
        assert argon2.runs == before + 1


def test_a_new_password_ends_sessions_and_is_audited_without_it(store, database, argon2, fritz):
    sessions.begin(database, fritz.id, Stage.SECOND_STEP, "192.0.2.1", "")
    set_password(database, argon2, fritz, GOOD, actor="cli:root")
    assert sessions.of_user(database, fritz.id) == []
    assert next(one.action for one in audit.entries(database)) == "main-password-set"
    assert users.find(database, fritz.login).version == fritz.version + 1
    assert GOOD.encode() not in b"".join(store.everything())


def test_nobody_who_is_gone_gets_a_password(database, argon2, fritz: User):
    users.delete(database, fritz.login, actor="test")
    assert not set_password(database, argon2, fritz, GOOD, actor="test")


SHORT = Budget("pair", (Limit(3, 600.0),))
LONG = Budget("user", (Limit(5, 86400.0),))
DAY = 86400.0


def guess(database, *budgets):
    return guesses.take(database, KEY, budgets)


def later(database, by):
    with database.write() as connection:
        connection.execute(update(main_password_failures).values(since=datetime.now(UTC) - by))


def test_a_guess_takes_from_all_budgets_or_none(database):
    assert [guess(database, SHORT, LONG) for _ in range(4)] == [True] * 3 + [False]
    assert [guess(database, LONG) for _ in range(3)] == [True, True, False]


def test_a_budget_is_full_again_after_its_window(database):
    assert [guess(database, SHORT) for _ in range(4)] == [True] * 3 + [False]
    later(database, timedelta(minutes=11))
    assert [guess(database, SHORT) for _ in range(4)] == [True] * 3 + [False]


def test_each_limit_of_a_budget_holds(database):
    both = Budget("pair", (Limit(2, 600.0), Limit(3, DAY)))
    assert [guess(database, both) for _ in range(3)] == [True, True, False]
    later(database, timedelta(minutes=11))
    assert [guess(database, both) for _ in range(2)] == [True, False]


def test_a_guess_that_nobody_could_judge_is_taken_back(database):
    for _ in range(20):
        assert guess(database, SHORT, LONG)
        guesses.withdraw(database, KEY, (SHORT, LONG))


def test_the_right_one_makes_up_for_what_was_wrong_there(database):
    assert [guess(database, SHORT) for _ in range(3)] == [True] * 3
    guesses.forgive(database, KEY, SHORT)
    assert guess(database, SHORT)


def test_old_failures_are_forgotten_and_names_are_never_stored(store, database):
    named = Budget("user fritz@example.test", (Limit(5, DAY),))
    assert guess(database, named)
    assert b"fritz@example.test" not in b"".join(store.everything())
    assert guesses.forget_old(database, DAY) == 0
    later(database, timedelta(days=2))
    assert guesses.forget_old(database, DAY) == 1
