"""CACHE-10: the key is changed while all nodes go on, and nobody has to be hashed anew for it."""

from contextlib import AsyncExitStack

import pytest

from tests.gateway.redis.caching import until_entries
from tests.gateway.redis.process import cache_in, process

OF_ONE = 2  # entries: an account, and a verified login


@pytest.fixture
def given(people):
    users = [people.add(f"user{number}@example.test", "enforced") for number in range(4)]
    return {user: people.give(user).secret for user in users}


@pytest.fixture
def node(tmp_path, server):
    """`node(key, previous)` is one that begins now, with these keys."""
    return lambda key, previous=None: process(
        tmp_path, cache_in(tmp_path, server.url(), key=key, previous=previous)
    )


async def all_log_in(node, given):
    for user, secret in given.items():
        account, found = await node.login(user, secret)
        assert account.user.login == user
        assert found is not None


async def test_cache_10_what_the_old_key_sealed_is_read_and_sealed_anew(node, given, server):
    async with node("old") as before:
        await all_log_in(before, given)
        await until_entries(server, OF_ONE * len(given))
    async with node("new", "old") as both:
        await all_log_in(both, given)
        assert both.argon2.runs == 0
        await until_entries(server, 2 * OF_ONE * len(given))
    async with node("new") as after:
        await all_log_in(after, given)
        assert after.argon2.runs == 0


async def test_cache_10_nodes_on_both_keys_serve_side_by_side(node, given, server):
    """Those with two keys read what the others wrote; who has one key hashes what it can't read."""
    half = dict(list(given.items())[:2])
    rest = dict(list(given.items())[2:])
    async with AsyncExitStack() as stack:
        old = await stack.enter_async_context(node("old"))
        new = await stack.enter_async_context(node("new", "old"))
        await all_log_in(old, half)
        await until_entries(server, OF_ONE * len(half))
        await all_log_in(new, half)
        assert new.argon2.runs == 0
        await all_log_in(new, rest)
        await until_entries(server, OF_ONE * (2 * len(half) + len(rest)))
        runs = old.argon2.runs
        await all_log_in(old, rest)
        assert old.argon2.runs == runs + len(rest)
        back = await stack.enter_async_context(node("old", "new"))
        await all_log_in(back, given)
        assert back.argon2.runs == 0


async def test_cache_10_a_key_that_was_taken_out_counts_no_more(node, given, server):
    async with node("leaked") as before:
        await all_log_in(before, given)
        entries = await until_entries(server, OF_ONE * len(given))
    async with node("new") as after:
        await all_log_in(after, given)
        assert after.argon2.runs == len(given)
        assert entries.items() <= (await until_entries(server, 2 * OF_ONE * len(given))).items()
