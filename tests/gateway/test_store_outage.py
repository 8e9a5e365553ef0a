"""Without its store the gateway refuses for the moment, but for those whom it remembers, within the lease."""

import asyncio
import fcntl
import os

import pytest
import pytest_asyncio

from store.hashing import Argon2
from tests.gateway.site import GOOD, MAIN, QUICK, UNAVAILABLE, open_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT_LEASE = QUICK + "lease_seconds = 2\nfeed_seconds = 0.2\n"
SMALL_QUEUE = QUICK + "hash_threads = 1\nhash_queue = 1\n"
# The bytes of the index file that SQLite locks to read (sqlite.org/walformat.html, section 2.4).
LOCKS_OF_INDEX = (8, 120)


def take_away(site):
    for file in site.gateway.folder.glob("wicketgate.db*"):
        file.rename(file.with_name(f"away-{file.name}"))


def bring_back(site):
    for file in site.gateway.folder.glob("wicketgate.db*"):
        file.unlink()
    for file in site.gateway.folder.glob("away-*"):
        file.rename(file.with_name(file.name.removeprefix("away-")))


@pytest_asyncio.fixture(loop_scope="module")
async def warm(site):
    """A site where the good one is remembered, and nobody else is."""
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    site.begin()
    yield site
    if any(site.gateway.folder.glob("away-*")):
        bring_back(site)


async def assert_only_who_is_remembered_gets_in(site, newcomer):
    assert await site.login(newcomer, MAIN) == UNAVAILABLE
    assert await site.login(newcomer, "abcdefghijklmnop") == UNAVAILABLE
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    assert [line["reason"] for line in site.logins()] == ["store-unavailable", "store-unavailable", ""]


async def test_a_store_that_is_gone(warm):
    newcomer = warm.people.add("gone@example.test", "disabled")
    take_away(warm)
    await assert_only_who_is_remembered_gets_in(warm, newcomer)
    bring_back(warm)
    assert (await warm.login(newcomer, MAIN)).startswith(b"OK ")


async def test_a_store_that_is_damaged(warm):
    newcomer = warm.people.add("damaged@example.test", "disabled")
    take_away(warm)
    (warm.gateway.folder / "wicketgate.db").write_bytes(os.urandom(8192))
    await assert_only_who_is_remembered_gets_in(warm, newcomer)
    bring_back(warm)
    assert (await warm.login(newcomer, MAIN)).startswith(b"OK ")


async def test_a_store_that_is_locked(warm):
    newcomer = warm.people.add("locked@example.test", "disabled")
    with (warm.gateway.folder / "wicketgate.db-shm").open("r+b") as index:
        fcntl.lockf(index, fcntl.LOCK_EX, *LOCKS_OF_INDEX)
        assert await warm.login(newcomer, MAIN) == UNAVAILABLE
        assert (await warm.login(GOOD, warm.good.secret)).startswith(b"OK ")
    assert (await warm.login(newcomer, MAIN)).startswith(b"OK ")


async def test_a_hash_that_cannot_be_checked_is_a_temporary_refusal(site):
    user = site.people.add("broken@example.test", "enforced")
    given = site.people.give(user)
    with site.people.database.write() as connection:
        connection.exec_driver_sql("UPDATE app_passwords SET hash = 'nonsense' WHERE id = ?", (given.id,))
    assert await site.login(user, given.secret) == UNAVAILABLE
    [line] = site.logins()
    assert line["reason"] == "store-unavailable"


async def test_past_the_lease_nobody_gets_in_until_the_feed_is_back(tmp_path, authority):
    async with open_site(tmp_path, SHORT_LEASE, authority) as site:
        dora = site.people.add("dora@example.test", "disabled")
        for who, password in ((GOOD, site.good.secret), (dora, MAIN)):
            assert (await site.login(who, password)).startswith(b"OK ")
        take_away(site)
        await site.until_status(feed_fresh=False)
        site.begin()
        for who, password in ((GOOD, site.good.secret), (dora, MAIN), ("nobody@example.test", MAIN)):
            assert await site.login(who, password) == UNAVAILABLE
        assert {line["reason"] for line in site.logins()} == {"feed-silent"}
        assert site.backend.connections == []
        bring_back(site)
        await site.until_status(feed_fresh=True)
        assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")


async def test_hashes_beyond_the_queue_are_shed_with_the_temporary_code(tmp_path, authority):
    slow = Argon2(memory_kib=64 * 1024, time_cost=2, parallelism=1)
    async with open_site(tmp_path, SMALL_QUEUE, authority) as site:
        user = site.people.add("busy@example.test", "enforced")
        secrets = [site.people.give(user, argon2=slow).secret for _ in range(5)]
        clients = [await site.connect() for _ in secrets]
        logins = (client.login(user, secret) for client, secret in zip(clients, secrets, strict=True))
        answers = await asyncio.gather(*logins)
        let_in = [answer for answer in answers if answer.startswith(b"a OK ")]
        shed = [answer for answer in answers if answer == b"a " + UNAVAILABLE]
        assert let_in
        assert shed
        assert len(let_in) + len(shed) == len(answers)
        assert {one["reason"] for one in site.logins()} == {"", "hashing-overloaded"}
        await site.until_status(hashes_running=0, hashes_waiting=0)
        for secret in secrets:
            assert (await site.login(user, secret)).startswith(b"OK ")
