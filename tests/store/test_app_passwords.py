"""Creating within the limit, telling one app password from another, deleting into tombstones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from sqlalchemy import insert

from store import app_passwords, changes, users
from store.app_passwords import MOST_SPENT, InvalidName, LimitReached, NoSuchUser
from store.hashing import Argon2
from store.schema import app_passwords as table


@pytest.fixture
def create(database, pepper, argon2, fritz):
    def create(name="phone", scopes=("imap",), limit=40, **rest):
        return app_passwords.create(
            database, pepper, argon2, fritz.id, name, scopes, limit=limit, actor="test", **rest
        )

    return create


def tombstones(user_id, count):
    """Rows of app passwords that were deleted last year, the first one earliest."""
    start = datetime.now(UTC) - timedelta(days=300)
    shared = {"user_id": user_id, "name": "old", "scopes": "imap", "networks": "", "hash": "$"}
    for tag in range(count):
        times = {"created_at": start, "deleted_at": start + timedelta(seconds=tag)}
        yield shared | times | {"id": f"old{tag}", "tag": tag}


def test_what_was_created_is_stored_and_its_secret_verifies(database, pepper, argon2, fritz, create):
    expires = datetime.now(UTC) + timedelta(days=90)
    networks = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))
    made, secret = create("Scanner 3", ["smtp", "imap"], networks=networks, expires_at=expires)
    assert app_passwords.list_app_passwords(database, fritz.id) == [made]
    assert (made.name, made.scopes, made.networks) == ("Scanner 3", {"smtp", "imap"}, networks)
    assert (made.expires_at, made.deleted_at, made.last_used) == (expires, None, None)
    assert made.tag == pepper.tag(fritz.id, secret)
    assert argon2.verify(made.hash, pepper.season(secret))
    assert secret not in repr(made)
    assert made.hash not in repr(made)


def test_the_41st_is_refused_and_changes_nothing(database, fritz, create):
    made = [create() for _ in range(40)]
    before = changes.since(database, 0)
    assert create() == LimitReached(40)
    assert changes.since(database, 0) == before
    app_passwords.delete(database, fritz.id, made[0][0].id, actor="test")
    assert not isinstance(create(), LimitReached)


def test_expired_and_deleted_ones_do_not_count(fritz, create):
    create(limit=1, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert not isinstance(create(limit=1), LimitReached)
    assert create(limit=1) == LimitReached(1)


def test_deletes_keep_tombstones(database, fritz, create):
    first, second = create("old phone")[0], create("new phone")[0]
    assert app_passwords.delete(database, fritz.id, first.id, actor="test")
    assert not app_passwords.delete(database, fritz.id, first.id, actor="test")
    assert app_passwords.list_app_passwords(database, fritz.id) == [second]
    (tombstone,) = app_passwords.list_app_passwords(database, fritz.id, deleted=True)
    assert tombstone.deleted_at is not None
    assert replace(tombstone, deleted_at=None) == first


def test_delete_all_says_how_many_and_nothing_happens_twice(database, fritz, create):
    create(), create()
    assert app_passwords.delete_all(database, fritz.id, actor="test") == 2
    position = changes.since(database, 0)[-1].position
    assert app_passwords.delete_all(database, fritz.id, actor="test") == 0
    assert changes.since(database, position) == []
    assert len(app_passwords.list_app_passwords(database, fritz.id, deleted=True)) == 2


def test_nobody_deletes_the_app_password_of_another(database, create):
    dora = users.add(database, "dora@example.test", actor="test")
    made, _ = create()
    assert not app_passwords.delete(database, dora.id, made.id, actor="test")
    assert not app_passwords.delete(database, dora.id, "\udcff'; --", actor="test")
    assert app_passwords.list_app_passwords(database, made.user_id) == [made]


@pytest.mark.parametrize("name", ["", " ", "a" * 65, "a\nb", "a\x00", "a\x9b", "a\u2028b", "a\udcff"])
def test_a_bad_name_is_refused_in_plain_words(create, name):
    with pytest.raises(InvalidName, match="1 to 64 characters"):
        create(name)


def test_a_user_deleted_meanwhile_gets_no_app_password(database, fritz, create):
    users.delete(database, fritz.login, actor="test")
    with pytest.raises(NoSuchUser):
        create()


def test_one_secret_never_has_two_candidates(database, fritz, create):
    taken = 55_000  # of the 65,536 tags, so that most draws meet one
    with database.write() as connection:
        connection.execute(insert(table), list(tombstones(fritz.id, taken)))
    made, _ = create()
    assert made.tag >= taken


def test_the_oldest_tombstones_give_way_when_a_user_has_too_many(database, fritz, create):
    with database.write() as connection:
        connection.execute(insert(table), list(tombstones(fritz.id, MOST_SPENT + 5)))
    create()
    kept = app_passwords.list_app_passwords(database, fritz.id, deleted=True)
    assert {row.tag for row in kept} == set(range(5, MOST_SPENT + 5))


def test_tombstones_are_forgotten_after_their_year(database, fritz, create):
    made, _ = create()
    app_passwords.delete(database, fritz.id, made.id, actor="test")
    live, _ = create()
    (tombstone,) = app_passwords.list_app_passwords(database, fritz.id, deleted=True)
    assert app_passwords.forget_tombstones(database, older_than=tombstone.deleted_at) == 0
    later = tombstone.deleted_at + timedelta(seconds=1)
    assert app_passwords.forget_tombstones(database, older_than=later) == 1
    assert app_passwords.list_app_passwords(database, fritz.id) == [live]


def test_a_hash_is_replaced_once_and_the_version_stays(database, pepper, fritz, create):
    made, secret = create()
    version = users.find(database, fritz.login).version
    renewed = Argon2(memory_kib=16, time_cost=1, parallelism=1).hash(pepper.season(secret))
    assert app_passwords.replace_hash(database, made.id, made.hash, renewed)
    assert not app_passwords.replace_hash(database, made.id, made.hash, "$")
    assert app_passwords.list_app_passwords(database, fritz.id)[0].hash == renewed
    assert users.find(database, fritz.login).version == version


def test_nothing_of_the_secret_is_stored(database, store, pepper, create):
    made, secret = create("phone")
    seasoned = pepper.season(secret)
    stored = store.everything()
    traces = [secret.encode(), secret[:4].encode() + b" " + secret[4:8].encode()]
    traces += [seasoned, seasoned.hex().encode(), pepper.key, pepper.key.hex().encode()]
    assert any(made.hash.encode() in content for content in stored)
    assert not any(trace in content for trace in traces for content in stored)
