"""Whoever can write to Redis lets nobody in, and whoever can read it learns nothing."""

import json
import secrets
import shutil
import sqlite3
from contextlib import closing

import pytest

from store import app_passwords, users
from store.redis.keys import CacheKey, derived
from store.redis.sealing import name_of, seal
from tests.gateway.redis.caching import until_entries
from tests.gateway.redis.process import cache_in, process

FRITZ = "fritz@example.test"
ENNO = "enno@example.test"
OF_ONE = 2  # entries: an account, and a verified login


@pytest.fixture
def cache(tmp_path, server):
    return cache_in(tmp_path, server.url())


@pytest.fixture
def fritz(people):
    people.add(FRITZ, "enforced")
    return people.give(FRITZ, "the phone of Fritz")


async def remembered(server, tmp_path, cache, **logins):
    """What Redis holds after these logins, all of which are good ones."""
    async with process(tmp_path, cache) as before:
        for name, secret in logins.items():
            _, found = await before.login(f"{name}@example.test", secret)
            assert found is not None
        return await until_entries(server, OF_ONE * len(logins))


def of_kind(entries, kind):
    return [name for name in entries if f":{kind}:".encode() in name]


def delete(people, login, given):
    owner = users.find(people.database, login)
    assert app_passwords.delete(people.database, owner.id, given.id, actor="test")


def put(server, entries):
    for name, value in entries.items():
        server.ask("SET", name, value)


async def believed(tmp_path, cache, login, secret):
    """What a process that begins now takes the login for, and how many hashes it needs."""
    async with process(tmp_path, cache) as after:
        account, found = await after.login(login, secret)
        return account, found, after.argon2.runs


async def test_what_nobody_touched_is_believed(server, people, tmp_path, cache, fritz):
    await remembered(server, tmp_path, cache, fritz=fritz.secret)
    account, found, runs = await believed(tmp_path, cache, FRITZ, fritz.secret)
    assert found.id == fritz.id
    assert runs == 0
    assert account.user == users.find(people.database, FRITZ)


async def test_cache_06_an_entry_that_was_edited_is_none(server, tmp_path, cache, fritz):
    entries = await remembered(server, tmp_path, cache, fritz=fritz.secret)
    [login] = of_kind(entries, "login")
    for place in (0, 1, 12, 13, len(entries[login]) - 17, len(entries[login]) - 1):
        edited = bytearray(entries[login])
        edited[place] ^= 1
        for value in (bytes(edited), entries[login][:place], entries[login] + b"x"):
            put(server, {login: value})
            _, found, runs = await believed(tmp_path, cache, FRITZ, fritz.secret)
            assert found.id == fritz.id
            assert runs == 1


async def test_cache_06_another_users_entry_in_its_place_is_none(server, people, tmp_path, cache, fritz):
    people.add(ENNO, "enforced")
    enno = people.give(ENNO)
    entries = await remembered(server, tmp_path, cache, fritz=fritz.secret, enno=enno.secret)
    for kind in ("account", "login"):
        first, second = of_kind(entries, kind)
        put(server, {first: entries[second], second: entries[first]})
    for login, given in ((FRITZ, fritz), (ENNO, enno)):
        account, found, runs = await believed(tmp_path, cache, login, given.secret)
        assert account.user.login == login
        assert found.id == given.id
        assert runs == 1


async def test_cache_06_an_account_in_the_place_of_a_login_and_the_reverse_is_none(
    server, tmp_path, cache, fritz
):
    entries = await remembered(server, tmp_path, cache, fritz=fritz.secret)
    first, second = entries
    put(server, {first: entries[second], second: entries[first]})
    _, found, runs = await believed(tmp_path, cache, FRITZ, fritz.secret)
    assert found.id == fritz.id
    assert runs == 1


async def test_cache_06_older_entries_that_are_put_back_are_not_believed(
    server, people, tmp_path, cache, fritz
):
    kept = people.give(FRITZ, "kept")
    old = await remembered(server, tmp_path, cache, fritz=fritz.secret)
    delete(people, FRITZ, fritz)
    await remembered(server, tmp_path, cache, fritz=kept.secret)
    put(server, old)
    account, found, _ = await believed(tmp_path, cache, FRITZ, fritz.secret)
    assert found.deleted_at is not None
    assert account.user.version == users.find(people.database, FRITZ).version


async def test_cache_06_an_old_account_is_not_believed_by_a_process_that_saw_the_change(
    server, people, tmp_path, cache, fritz
):
    old = await remembered(server, tmp_path, cache, fritz=fritz.secret)
    async with process(tmp_path, cache) as later:
        delete(people, FRITZ, fritz)
        await later.feed.catch_up()
        put(server, old)
        _, found = await later.login(FRITZ, fritz.secret)
        assert found.deleted_at is not None


async def test_cache_06_entries_of_another_key_are_none(server, people, tmp_path, cache, fritz):
    """Whoever has a key of his own knows everything but ours: how records look, and even what they say."""
    entries = await remembered(server, tmp_path, cache, fritz=fritz.secret)
    mine = derived(secrets.token_bytes(32))
    for name in entries:
        _, kind, key_id, digest = name.decode().split(":")
        for forged in (mine, CacheKey(key_id, mine.names, mine.seals)):
            account = {"user": 1, "blocked": False}
            put(server, {name: seal(forged, name.decode(), json.dumps(account).encode())})
            put(server, {f"wicketgate:{name_of(forged, kind, FRITZ)}": entries[name]})
        assert len(digest) == 64
    _, found, runs = await believed(tmp_path, cache, FRITZ, fritz.secret)
    assert found.id == fritz.id
    assert runs == 1


async def test_cache_06_a_value_of_another_type_or_size_is_none(server, tmp_path, cache, fritz):
    entries = await remembered(server, tmp_path, cache, fritz=fritz.secret)
    for make in (("LPUSH", "x"), ("SADD", "x"), ("HSET", "x", "y"), ("SET", b""), ("SET", b"\0" * (8 << 20))):
        for name in entries:
            server.ask("DEL", name)
            server.ask(make[0], name, *make[1:])
        _, found, runs = await believed(tmp_path, cache, FRITZ, fritz.secret)
        assert found.id == fritz.id
        assert runs == 1


async def test_cache_07_a_dump_tells_nothing(server, people, tmp_path, cache, fritz):
    entries = await remembered(server, tmp_path, cache, fritz=fritz.secret)
    dump = b"\n".join([*entries, *entries.values(), *(server.ask("DUMP", name) for name in entries)])
    [one] = app_passwords.list_app_passwords(people.database, users.find(people.database, FRITZ).id)
    key = (tmp_path / "cache.key").read_bytes().strip()
    salt, digest = one.hash.split("$")[-2:]
    for word in (
        fritz.secret,
        FRITZ,
        "fritz",
        "example",
        "phone",
        fritz.id,
        "argon2",
        salt,
        digest,
        "enforced",
    ):
        assert word.encode() not in dump
    assert bytes.fromhex(key.decode()) not in dump
    assert key not in dump


async def test_cache_07_a_guess_cannot_be_tried_on_a_dump(server, tmp_path, cache, fritz):
    """The names are MACs: with the right user and password, but another key, none of them comes out."""
    entries = await remembered(server, tmp_path, cache, fritz=fritz.secret)
    stranger = derived(bytes(32))
    digests = {name.decode().rpartition(":")[2] for name in entries}
    for what in (FRITZ, fritz.secret, f"1:{fritz.secret}", f"{FRITZ}:{fritz.secret}"):
        for kind in ("account", "login"):
            assert name_of(stranger, kind, what).rpartition(":")[2] not in digests


async def test_cache_05_a_redis_that_lost_its_last_writes_resurrects_nobody(
    server, people, tmp_path, cache, fritz
):
    """A replica that is promoted may lack what its primary had said to have written."""
    kept = people.give(FRITZ, "kept")
    old = await remembered(server, tmp_path, cache, fritz=fritz.secret)
    delete(people, FRITZ, fritz)
    await remembered(server, tmp_path, cache, fritz=kept.secret)
    server.ask("FLUSHALL")
    put(server, old)
    _, found, _ = await believed(tmp_path, cache, FRITZ, fritz.secret)
    assert found.deleted_at is not None
    _, found, runs = await believed(tmp_path, cache, FRITZ, kept.secret)
    assert found.id == kept.id
    assert found.deleted_at is None
    assert runs == 1


async def test_cache_05_a_restored_store_knows_nothing_of_what_came_after_the_backup(
    server, people, tmp_path, cache, fritz
):
    """The file stays the same, and goes on with positions that meant something else in the lost future."""
    store, backup = tmp_path / "wicketgate.db", tmp_path / "backup"
    with closing(sqlite3.connect(store)) as live, closing(sqlite3.connect(backup)) as copy:
        live.backup(copy)
    lost = people.give(FRITZ, "of the lost future")
    await remembered(server, tmp_path, cache, fritz=lost.secret)
    with closing(sqlite3.connect(backup)) as copy, closing(sqlite3.connect(store)) as live:
        copy.backup(live)
    people.give(FRITZ, "another one")
    for number in range(3):
        people.add(f"later{number}@example.test")
    account, found, _ = await believed(tmp_path, cache, FRITZ, lost.secret)
    assert found is None
    assert [one.name for one in account.app_passwords] == ["the phone of Fritz", "another one"]


async def test_cache_05_a_store_that_was_replaced_knows_nothing_of_the_one_before(
    server, people, tmp_path, cache, fritz
):
    await remembered(server, tmp_path, cache, fritz=fritz.secret)
    store = tmp_path / "wicketgate.db"
    people.database.close()
    shutil.copy(store, tmp_path / "copy")
    store.unlink()
    (tmp_path / "copy").rename(store)
    _, found, runs = await believed(tmp_path, cache, FRITZ, fritz.secret)
    assert found.id == fritz.id
    assert runs == 1
