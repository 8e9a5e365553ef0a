"""The gateway on PostgreSQL: it is down, hangs, or fails over to a standby that missed something."""

import asyncio

import pytest
import pytest_asyncio

from store import app_passwords, users
from tests.gateway.site import GOOD, MAIN, QUICK, UNAVAILABLE, open_site
from tests.servers.postgresql import PostgreSql, address

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(90)]

# Without nudges a change would be heard of after the time limit of the test only.
NUDGED = QUICK + "feed_seconds = 60\nlease_seconds = 180\n"
ELSE = "dora@example.test"


@pytest.fixture(scope="module")
def server():
    with PostgreSql() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def site(server, tmp_path, authority):
    async with open_site(tmp_path, QUICK, authority, store=server.url(server.new_database())) as site:
        site.people.add(ELSE, "disabled")
        yield site
        await site.lets_a_good_login_in()


async def until(login, answer):
    """Until the login is answered so; what it was told before."""
    told = set()
    while not (now := await login()).startswith(answer):
        told.add(now)
    return told


async def cut(client):
    while await client.line():
        pass


async def test_a_login_and_its_end(site):
    given = site.people.give(GOOD, "second")
    client = await site.connect()
    assert (await client.login(GOOD, given.secret)).startswith(b"a OK ")
    owner = users.find(site.people.database, GOOD)
    assert app_passwords.delete(site.people.database, owner.id, given.id, actor="test")
    await cut(client)
    await site.until_status(feed_fresh=True)
    site.gateway.run("db", "status")


async def test_while_it_is_down_there_is_the_temporary_code_for_whom_nobody_remembers(site, server):
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    await asyncio.to_thread(server.stop)
    assert await site.login(ELSE, MAIN) == UNAVAILABLE
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    await asyncio.to_thread(server.start)
    assert await until(lambda: site.login(ELSE, MAIN), b"OK ") <= {UNAVAILABLE}


async def test_while_it_hangs_everybody_is_answered(site, server):
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    with server.frozen():
        told = await asyncio.gather(*(site.login(ELSE, MAIN) for _ in range(30)))
        assert set(told) == {UNAVAILABLE}
        assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    assert await until(lambda: site.login(ELSE, MAIN), b"OK ") <= {UNAVAILABLE}


async def test_a_nudge_hastens_what_is_revoked(server, tmp_path, authority):
    async with open_site(tmp_path, NUDGED, authority, store=server.url(server.new_database())) as site:
        client = await site.logged_in()
        site.people.block(GOOD)
        await cut(client)


async def test_nudges_come_again_after_the_server_was_away(server, tmp_path, authority):
    async with open_site(tmp_path, NUDGED, authority, store=server.url(server.new_database())) as site:
        client = await site.logged_in()
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        site.people.block(GOOD)
        await cut(client)


async def test_a_failover_needs_no_restart_and_refuses_nobody_for_good(tmp_path, authority):
    """The standby has missed changes, so its positions say what others said before."""
    with PostgreSql() as primary, primary.standby() as standby:
        url = address([primary, standby], await asyncio.to_thread(primary.new_database))
        async with open_site(tmp_path, QUICK, authority, store=url) as site:
            site.people.add(ELSE, "disabled")
            doomed, lasting = site.people.give(GOOD, "doomed"), await site.logged_in()
            client = await site.connect()
            assert (await client.login(GOOD, doomed.secret)).startswith(b"a OK ")
            standby.until_it_has_all_of(primary)
            standby.cut_off()
            for number in range(40):
                site.people.add(f"missed{number}@example.test")
            created_late = site.people.give(GOOD, "created late")
            assert (await site.login(GOOD, created_late.secret)).startswith(b"OK ")
            await asyncio.to_thread(primary.stop, "immediate")
            assert await site.login(ELSE, MAIN) == UNAVAILABLE
            await asyncio.to_thread(standby.promote)
            owner = users.find(site.people.database, GOOD)
            assert app_passwords.delete(site.people.database, owner.id, doomed.id, actor="test")
            await cut(client)
            assert await until(lambda: site.login(ELSE, MAIN), b"OK ") <= {UNAVAILABLE}
            assert not (await site.login(GOOD, doomed.secret)).startswith(b"OK ")
            assert not (await site.login(GOOD, created_late.secret)).startswith(b"OK ")
            assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
            await lasting.send(site.dialect.noop)
            assert await lasting.line() == site.dialect.done


async def test_dos_12_look_ups_that_hang_keep_the_change_feed_from_nothing(server, tmp_path, authority):
    """Strangers make as many look-ups as they like. Whoever is remembered still gets in beyond the lease."""
    database = server.new_database()
    limits = QUICK + "lease_seconds = 2\nfeed_seconds = 0.1\nsessions_per_user = 10000\n"
    async with open_site(tmp_path, limits, authority, store=server.url(database)) as site:
        assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
        with server.locked(database, "names"):
            strangers = [
                asyncio.ensure_future(site.login(f"nobody-{number}@example.test", MAIN))
                for number in range(40)
            ]
            while not any(stranger.done() for stranger in strangers):
                assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
                assert site.status()["feed_fresh"]
        assert {line["reason"] for line in site.logins()} <= {"", "store-unavailable", "unknown-user"}
        await asyncio.gather(*strangers)
