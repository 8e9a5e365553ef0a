"""What is put into Redis of an account is never called older or newer than it is."""

from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from gateway.seen_changes import SeenChanges
from gateway.shared_accounts import SharedAccounts
from store import changes, users
from store.redis.client import open_redis
from store.redis.entries import Entries
from tests.gateway.redis.caching import until_entries
from tests.gateway.redis.process import cache_in

FRITZ = "fritz@example.test"


@pytest.fixture
def feed(people):
    """Rows of the feed: two about others, one about Fritz, two about others."""
    for login in ("a@example.test", "b@example.test", FRITZ, "c@example.test", "d@example.test"):
        people.add(login)
    return changes.tail(people.database, 100)


@asynccontextmanager
async def shared(tmp_path, server, seen):
    redis = open_redis(cache_in(tmp_path, server.url()))
    yield SharedAccounts(Entries(redis, 60), seen)
    await redis.close()


def knowing(feed, rows):
    seen = SeenChanges()
    seen.begin(feed.history, feed.changes[:rows])
    return seen


async def test_what_is_ahead_of_the_feed_waits_for_its_row(tmp_path, server, people, feed):
    account = users.account(people.database, FRITZ)
    seen = knowing(feed, 4)
    async with shared(tmp_path, server, seen) as accounts:
        accounts.keep("account", FRITZ, account)
        accounts.keep_those_ahead()
        assert await accounts.find("account", FRITZ) is None
        seen.note(feed.changes[4])
        accounts.keep_those_ahead()
        await until_entries(server, 1)
        assert await accounts.find("account", FRITZ) == account


async def test_what_was_read_before_is_called_as_of_now_if_nothing_came_after_it(
    tmp_path, server, people, feed
):
    early = replace(users.account(people.database, FRITZ), position=feed.changes[2].position)
    async with shared(tmp_path, server, knowing(feed, 5)) as accounts:
        accounts.keep("account", FRITZ, early)
        await until_entries(server, 1)
        found = await accounts.find("account", FRITZ)
        assert found == replace(early, position=feed.changes[4].position)


async def test_what_was_changed_meanwhile_is_not_kept(tmp_path, server, people, feed):
    stale = replace(users.account(people.database, FRITZ), position=feed.changes[1].position)
    ahead = users.account(people.database, FRITZ)
    people.block(FRITZ)
    seen = knowing(feed, 4)
    async with shared(tmp_path, server, seen) as accounts:
        accounts.keep("account", FRITZ, stale)
        accounts.keep("account", FRITZ, ahead)
        for row in changes.since(people.database, feed.changes[3].position):
            seen.note(row)
        accounts.keep_those_ahead()
        accounts.keep("account", "else", users.account(people.database, "a@example.test"))
        await until_entries(server, 1)
        assert await accounts.find("account", FRITZ) is None


async def test_what_is_of_another_history_is_neither_kept_nor_believed(tmp_path, server, people, feed):
    account = users.account(people.database, FRITZ)
    async with shared(tmp_path, server, knowing(feed, 5)) as accounts:
        accounts.keep("account", "else", replace(account, history="another"))
        accounts.keep("account", FRITZ, account)
        await until_entries(server, 1)
        assert await accounts.find("account", "else") is None
    other = SeenChanges()
    other.begin("another", feed.changes)
    async with shared(tmp_path, server, other) as accounts:
        assert await accounts.find("account", FRITZ) is None


async def test_who_knows_less_of_the_feed_believes_less(tmp_path, server, people, feed):
    account = users.account(people.database, FRITZ)
    async with shared(tmp_path, server, knowing(feed, 5)) as accounts:
        accounts.keep("account", FRITZ, account)
        await until_entries(server, 1)
    async with shared(tmp_path, server, knowing(feed, 4)) as behind:
        assert await behind.find("account", FRITZ) is None
    async with shared(tmp_path, server, SeenChanges()) as nobody:
        assert await nobody.find("account", FRITZ) is None
