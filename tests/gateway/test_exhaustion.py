"""Strangers who take all they can get: time, places, files and hashes. Who logs in still gets in."""

import asyncio
import os
import resource
from pathlib import Path

import pytest

from store.hashing import Argon2
from tests.gateway.site import GOOD, QUICK, open_site
from tests.servers import gateway as gateway_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = (
    QUICK
    + """
preauth_seconds = 2
sessions_per_user = 3
[[listener]]
protocol = "imap"
name = "proxied"
address = "127.0.0.1:{third}"
tls = "implicit"
proxy_from = ["127.0.0.1"]
"""
)
FEW_PLACES = QUICK + "sessions = 10\nsessions_per_user = 4\n"
LIMIT = b"NO [LIMIT] Too many connections at once. Please close some of them\r\n"
CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"r" * 500


async def drip(client, octets):
    """Send one octet after the other until the connection is closed."""
    ended = asyncio.ensure_future(client.rest())
    for octet in octets:
        await client.send(bytes([octet]))
        if (await asyncio.wait([ended], timeout=0.1))[0]:
            break
    return await ended


async def test_dos_01_nobody_stays_longer_than_the_deadline_before_the_login(site):
    let_in = await site.logged_in()
    silent_in_tls = [await site.connect() for _ in range(3)]
    slow = [
        drip(await site.connect("imaps", greeted=False), CLIENT_HELLO),
        drip(await site.connect("imap"), b"a LOGIN" + b" " * 500),
        drip(await site.connect(), b"a LOGIN {4000+}\r\n" + b"x" * 500),
        drip(await site.connect(), b"a AUTHENTICATE PLAIN\r\n" + b"A" * 500),
        drip(
            await site.connect("third", greeted=False), b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + b"x" * 500
        ),
        (await site.connect("imaps", greeted=False, first=b"\x16")).rest(),
        (await site.connect("third", greeted=False, first=b"P")).rest(),
        *(client.rest() for client in silent_in_tls),
    ]
    await asyncio.gather(*slow)
    assert site.log().count("took too long to log in") == len(slow)
    assert await let_in.answer(b"NOOP") == b"a OK done\r\n"


async def test_dos_01_commands_that_do_nothing_buy_no_time(site):
    client = await site.connect()
    async with asyncio.timeout(10):
        while await client.answer(b"NOOP"):
            pass
    await site.until_log("took too long to log in")


async def test_dos_07_a_user_may_have_so_many_sessions_and_no_more(site):
    clients = [await site.logged_in() for _ in range(3)]
    assert await site.login(GOOD, site.good.secret) == LIMIT
    assert [line["reason"] for line in site.logins()][-1] == "too-many-sessions"
    await site.backend.connections[3].until_closed()
    other = site.people.add("other@example.test", "enforced")
    assert (await site.login(other, site.people.give(other).secret)).startswith(b"OK ")
    clients[0].abort()
    await site.backend.connections[0].until_closed()
    await site.until_status(sessions=3)
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")


async def test_dos_01_the_oldest_stranger_makes_room_and_nobody_who_is_in(tmp_path, authority):
    async with open_site(tmp_path, FEW_PLACES, authority) as site:
        let_in = [await site.logged_in() for _ in range(4)]
        strangers = [await site.connect() for _ in range(6)]
        newcomer = await site.connect()
        assert await strangers[0].rest() == b""
        assert await newcomer.answer(b"NOOP") == b"a OK Nothing done\r\n"
        for client in strangers[1:]:
            assert await client.answer(b"NOOP") == b"a OK Nothing done\r\n"
        for client in let_in:
            assert await client.answer(b"NOOP") == b"a OK done\r\n"
        for _ in range(100):
            await site.connect(greeted=False, first=b"\x16")
        assert (await newcomer.rest()) == b""
        other = site.people.add("other@example.test", "enforced")
        assert (await site.login(other, site.people.give(other).secret)).startswith(b"OK ")
        for client in let_in:
            assert await client.answer(b"NOOP") == b"a OK done\r\n"


async def test_dos_01_a_flood_leaves_no_place_and_no_file_taken(tmp_path, authority):
    """Many come and are cut in the same moment, some before their session has taken its first step."""
    async with open_site(tmp_path, FEW_PLACES, authority) as site:
        await site.lets_a_good_login_in()
        await site.until_status(sessions=0)
        before = site.open_files()
        for _ in range(5):
            await asyncio.gather(*(site.connect(greeted=False, first=b"\x16") for _ in range(40)))
        site.begin()
        await site.until_status(not_logged_in=0)
        async with asyncio.timeout(60):
            while site.open_files() > before:
                await site.lets_a_good_login_in()
                await site.until_status(sessions=0)


async def test_dos_03_a_small_limit_of_files_is_kept_and_the_flood_makes_room(
    tmp_path, authority, monkeypatch
):
    limited = tmp_path / "limited"
    limited.write_text(f'#!/bin/sh\nulimit -n 160\nexec {gateway_server.WICKETGATE} "$@"\n')
    limited.chmod(0o755)
    monkeypatch.setattr(gateway_server, "WICKETGATE", limited)
    async with open_site(tmp_path / "site", QUICK, authority) as site:
        assert "fewer sessions than configured" in site.gateway.log()
        for _ in range(20):
            await asyncio.gather(*(site.connect(greeted=False, first=b"\x16") for _ in range(25)))
            await site.lets_a_good_login_in()
        assert "cannot accept clients" not in site.log()


async def test_dos_03_without_a_file_left_it_neither_spins_nor_fills_the_log_and_recovers(
    tmp_path, authority
):
    async with open_site(tmp_path, QUICK, authority) as site:
        pid = site.gateway.process.pid
        await site.lets_a_good_login_in()
        open_files = site.open_files()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (open_files + 20, open_files + 20))
        clients = [await site.connect(greeted=False, first=b"\x16") for _ in range(60)]
        await site.until_log("cannot accept clients")
        before = cpu_seconds(pid)
        await asyncio.sleep(1)
        assert cpu_seconds(pid) - before < 0.2
        assert site.log().count("cannot accept clients") <= 2  # one a listener
        assert len(site.log().splitlines()) < 40
        for client in clients:
            client.abort()
        await site.lets_a_good_login_in()


def cpu_seconds(pid):
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


async def test_dos_05_clients_that_leave_during_their_hash_give_its_place_back(tmp_path, authority):
    slow = Argon2(memory_kib=48 * 1024, time_cost=1, parallelism=1)
    async with open_site(tmp_path, QUICK + "hash_threads = 2\nhash_queue = 3\n", authority) as site:
        user = site.people.add("busy@example.test", "enforced")
        secrets = [site.people.give(user, argon2=slow).secret for _ in range(12)]
        clients = [await site.connect() for _ in secrets]
        for client, secret in zip(clients, secrets, strict=True):
            await client.send(b"a LOGIN " + user.encode() + b" " + secret.encode() + b"\r\n")
            client.abort()
        await site.until_status(not_logged_in=0)
        await site.until_status(hashes_running=0, hashes_waiting=0)
        assert site.status()["argon2_runs"] > 0
        for secret in secrets:
            assert (await site.login(user, secret)).startswith(b"OK ")
