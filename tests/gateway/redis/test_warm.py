"""Who logged in before a restart gets in after it without a hash, and even without the store."""

import asyncio

import pytest
import pytest_asyncio

from tests.gateway.redis.caching import argon2_runs, cached, restart, until_entries
from tests.gateway.redis.process import cache_in, process
from tests.gateway.site import GOOD, open_site

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def site(server, tmp_path, authority):
    async with open_site(tmp_path, cached(server.url(), tmp_path), authority) as site:
        yield site
        await site.lets_a_good_login_in()


def given(site, count):
    users = [site.people.add(f"user{number}@example.test", "enforced") for number in range(count)]
    return [(user, site.people.give(user).secret) for user in users]


async def all_log_in(site, people):
    answers = await asyncio.gather(*(site.login(user, secret) for user, secret in people))
    assert all(answer.startswith(b"OK ") for answer in answers), answers


async def test_after_a_restart_no_hash_is_computed_for_users_seen_before(site, server):
    people = given(site, 5)
    await all_log_in(site, people)
    assert argon2_runs(site) == 5
    await until_entries(server, 10)
    await restart(site)
    await all_log_in(site, people)
    assert argon2_runs(site) == 0


async def test_after_a_restart_who_was_seen_before_gets_in_while_the_store_is_away(site, server):
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    await until_entries(server, 2)
    await restart(site)
    store = site.gateway.folder / "wicketgate.db"
    store.rename(store.with_suffix(".away"))
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    assert argon2_runs(site) == 0
    store.with_suffix(".away").rename(store)


async def test_cache_09_who_is_unknown_is_not_remembered(site, server):
    newcomer, secret = "newcomer@example.test", "abcdefghijklmnop"
    assert not (await site.login(newcomer, secret)).startswith(b"OK ")
    assert server.everything() == {}
    site.people.add(newcomer, "enforced")
    made = site.people.give(newcomer).secret
    assert (await site.login(newcomer, made)).startswith(b"OK ")


async def test_cache_09_a_password_works_from_its_first_moment_though_redis_knows_the_user(site, server):
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    await until_entries(server, 2)
    await restart(site)
    created = site.people.give(GOOD, "a moment ago")
    assert (await site.login(GOOD, created.secret)).startswith(b"OK ")


async def test_cache_09_a_wrong_password_leaves_nothing_behind(site, server):
    assert not (await site.login(GOOD, site.people.wrong_guess(GOOD))).startswith(b"OK ")
    assert not (await site.login(GOOD, site.people.wrong_guess(GOOD, same_tag=True))).startswith(b"OK ")
    entries = await until_entries(server, 1)
    assert [name.split(b":")[1] for name in entries] == [b"account"]


async def test_cache_11_a_herd_after_a_restart_with_nothing_remembered_hashes_each_password_once(site):
    people = given(site, 20)
    await all_log_in(site, people * 5)
    assert argon2_runs(site) == 20


async def test_cache_11_a_herd_after_a_restart_with_a_warm_redis_hashes_none(site, server):
    people = given(site, 20)
    await all_log_in(site, people)
    await until_entries(server, 40)
    await restart(site)
    await all_log_in(site, people * 5)
    assert argon2_runs(site) == 0


async def test_cache_13_what_redis_knows_lets_nobody_in_where_the_password_is_not_for(site, server):
    """The verified login of a password for POP3 is in Redis, and the same password is tried at IMAP."""
    user = site.people.add("pop3@example.test", "enforced")
    made = site.people.give(user, scopes=["pop3"])
    folder = site.gateway.folder
    async with process(folder, cache_in(folder, server.url())) as of_pop3:
        _, found = await of_pop3.login(user, made.secret)
        assert found.id == made.id
        await until_entries(server, 2)
    assert not (await site.login(user, made.secret)).startswith(b"OK ")
    [line] = site.logins()
    assert line["reason"] == "protocol-out-of-scope"
    assert argon2_runs(site) == 0
