"""The newest use of an app password reaches the store with the next flush, and is not lost before."""

from datetime import UTC, datetime, timedelta

import pytest

from store import app_passwords, changes, users
from store.database import StoreUnavailable
from store.last_used import MOST_REMEMBERED, LastUsed
from store.model import LastUse

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def use(seconds=0, client="Outlook"):
    return LastUse(NOON + timedelta(seconds=seconds), "imap", "192.0.2.7", client)


@pytest.fixture
def phone(database, pepper, argon2, fritz):
    made, _ = app_passwords.create(
        database, pepper, argon2, fritz.id, "phone", ["imap"], limit=40, actor="test"
    )
    return made


@pytest.fixture
def stored(database, phone):
    def stored():
        return app_passwords.list_app_passwords(database, phone.user_id)[0].last_used

    return stored


def test_only_the_newest_use_is_written_and_no_version_rises(database, fritz, phone, stored):
    before = users.account(database, fritz.login)
    last_used = LastUsed(database)
    for seconds in (5, 9, 7):
        last_used.note(phone.id, use(seconds))
    assert stored() is None
    assert last_used.flush() == 1
    assert stored() == use(9)
    after = users.account(database, fritz.login)
    assert (after.user, after.position) == (before.user, before.position)
    assert last_used.flush() == 0


def test_an_older_use_from_another_node_does_not_win(database, phone, stored):
    here, there = LastUsed(database), LastUsed(database)
    here.note(phone.id, use(9))
    there.note(phone.id, use(5))
    here.flush()
    there.flush()
    assert stored() == use(9)


def test_uses_outlive_an_outage_of_the_store(database, store, phone, stored):
    last_used = LastUsed(database)
    last_used.note(phone.id, use(5))
    with store.away():
        with pytest.raises(StoreUnavailable):
            last_used.flush()
        last_used.note("otherone", use(6))
    assert last_used.flush() == 2
    assert stored() == use(5)


def test_a_use_of_a_deleted_user_is_dropped_quietly(database, fritz, phone):
    last_used = LastUsed(database)
    last_used.note(phone.id, use())
    users.delete(database, fritz.login, actor="test")
    assert last_used.flush() == 1


def test_what_a_client_calls_itself_is_cut_to_one_printable_line(database, phone, stored):
    last_used = LastUsed(database)
    last_used.note(phone.id, use(client="evil\r\n\x1b\udcff" + "x" * 1000))
    last_used.flush()
    assert stored().client == "evil????" + "x" * 192


def test_what_is_remembered_is_bounded_and_the_longest_unused_give_way(database, phone, stored):
    last_used = LastUsed(database)
    last_used.note(phone.id, use())
    for number in range(MOST_REMEMBERED):
        last_used.note(f"{number}", use())
    assert last_used.flush() == MOST_REMEMBERED
    assert stored() is None
    assert len(changes.since(database, 0)) == 2
