"""Sessions end: unused, after their time, with their user; and what they put aside with them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from store import users
from store.portal import pending, sessions
from store.portal.key import portal_key
from store.portal.schema import portal_sessions
from store.portal.sessions import Lifetime, Stage

KEY = portal_key(bytes(32))
LIFETIME = Lifetime(timedelta(minutes=30), timedelta(hours=12))


@pytest.fixture
def token(database, fritz):
    return sessions.begin(database, fritz.id, Stage.SECOND_STEP, "192.0.2.1", "Firefox")


def age(database, **ago):
    """As if the session had begun, or been seen, so long ago."""
    values = {name: datetime.now(UTC) - by for name, by in ago.items()}
    with database.write() as connection:
        connection.execute(update(portal_sessions).values(values))


@pytest.mark.parametrize(
    ("seen", "begun", "lives"),
    [(29, 60, True), (31, 60, False), (1, 719, True), (1, 721, False)],
)
def test_a_session_ends_unused_and_after_its_time(database, token, seen, begun, lives):
    age(database, seen_at=timedelta(minutes=seen), created_at=timedelta(minutes=begun))
    assert (sessions.find(database, token, LIFETIME) is not None) is lives
    assert sessions.forget_ended(database, LIFETIME) == (0 if lives else 1)


def test_using_a_session_keeps_it(database, token):
    age(database, seen_at=timedelta(minutes=20))
    assert sessions.find(database, token, LIFETIME) is not None
    age_before = sessions.find(database, token, LIFETIME).seen_at
    assert datetime.now(UTC) - age_before < timedelta(minutes=1)


def test_stepping_up_gives_no_session_more_time(database, token):
    age(database, created_at=timedelta(hours=11))
    begun = sessions.find(database, token, LIFETIME)
    renewed = sessions.step_up(database, begun)
    assert sessions.find(database, renewed, LIFETIME).created_at == begun.created_at


def test_the_token_is_not_what_is_stored(store, database, token):
    assert token.encode() not in b"".join(store.everything())


def test_what_was_put_aside_is_sealed_ends_and_goes_with_its_session(store, database, fritz, token):
    session = sessions.find(database, token, LIFETIME)
    pending.put_aside(database, KEY, session, "x", {"secret": "in the clear"}, timedelta(0))
    assert b"in the clear" not in b"".join(store.everything())
    assert pending.take(database, KEY, session, "x") is None
    pending.put_aside(database, KEY, session, "x", {"secret": "y"}, timedelta(minutes=1))
    sessions.end(database, session)
    assert pending.take(database, KEY, session, "x") is None


def test_what_one_session_put_aside_no_other_can_take(database, fritz, token):
    mine = sessions.find(database, token, LIFETIME)
    other = sessions.begin(database, fritz.id, Stage.SECOND_STEP, "192.0.2.2", "")
    theirs = sessions.find(database, other, LIFETIME)
    pending.put_aside(database, KEY, mine, "x", {"secret": "y"}, timedelta(minutes=1))
    assert pending.take(database, KEY, theirs, "x") is None
    assert pending.take(database, KEY, mine, "y") is None
    assert pending.take(database, KEY, mine, "x") == {"secret": "y"}


def test_a_deleted_user_has_no_session(database, fritz, token):
    users.delete(database, fritz.login, actor="test")
    assert sessions.find(database, token, LIFETIME) is None
