"""LOG-01 to LOG-04: no client fills the log. What is left out is counted, and no login that gets in is."""

import asyncio

import pytest

from tests.gateway.site import GOOD, MAIN, PORTAL, fields
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINES, MANY = 5, 40
SETTINGS = f"""
[policy]
portal_url = "{PORTAL}"
[limits]
refusal_seconds = 0
failed_logins = 100
[log]
lines_per_source = {LINES}
"""
SUMMED_UP = 'event="lines left out"'


def lines_of(site, event, source):
    found = [fields(line) for line in site.log().splitlines()]
    return [line for line in found if line.get("event") == event and line.get("address") == source]


async def summed_up(site, source):
    """How many lines of the source were left out, once that is told."""
    line = fields(await site.until_log(f"{SUMMED_UP} source={source} "))
    assert 10 <= int(line["seconds"]) <= 60
    return int(line["lines"])


async def guess(site, source, times=MANY):
    for _ in range(times):
        assert await site.told(GOOD, MAIN, source=source) == site.dialect.refused


async def test_log_01_refused_logins_of_one_source_are_summed_up(site):
    await guess(site, "127.0.3.1")
    refused = lines_of(site, "login", "127.0.3.1")
    assert [line["reason"] for line in refused] == ["app-password-required"] * LINES
    assert await summed_up(site, "127.0.3.1") == MANY - LINES


async def test_log_02_the_first_lines_of_every_source_are_written(site):
    """Programs that ban addresses live on them."""
    await guess(site, "127.0.3.2")
    for number in range(10):
        source = f"127.0.4.{number}"
        await guess(site, source, times=2)
        assert len(lines_of(site, "login", source)) == 2


async def test_log_02_a_source_that_comes_again_later_has_lines_again(site):
    await guess(site, "127.0.3.3")
    await summed_up(site, "127.0.3.3")
    await guess(site, "127.0.3.3", times=1)
    assert len(lines_of(site, "login", "127.0.3.3")) == LINES + 1


async def test_log_03_clients_turned_away_and_cut_are_summed_up_with_them(site):
    async def broken():
        client = await site.connect(source="127.0.3.4", greeted=False, first=b"\x16\x03\x01\0\x05hello")
        await client.rest()

    for _ in range(MANY):
        await broken()
    await guess(site, "127.0.3.4", times=2)
    assert len(lines_of(site, "client turned away", "127.0.3.4")) == LINES
    assert lines_of(site, "login", "127.0.3.4") == []
    assert await summed_up(site, "127.0.3.4") == MANY + 2 - LINES


async def test_log_03_a_backend_that_fails_at_each_login_does_not_fill_it_either(site):
    site.backend.script["GREETING"] = Reply(then=Then.CLOSE)
    for number in range(MANY):
        answer = await site.told(GOOD, site.good.secret, source=f"127.0.5.{number}")
        assert answer == site.dialect.unavailable
    site.backend.script.clear()
    failed = [line for line in site.log().splitlines() if 'event="backend failed"' in line]
    assert len(failed) == LINES
    line = fields(await site.until_log(f"{SUMMED_UP} backend={site.dialect.protocol} "))
    assert int(line["lines"]) == MANY - LINES


async def test_log_04_who_gets_in_or_is_revoked_always_has_a_line(site):
    await guess(site, "127.0.3.5")
    user = site.people.add(f"revoked-{site.dialect.protocol}@example.test", "enforced")
    clients = []
    for _ in range(LINES + 3):
        given = site.people.give(user)
        client = await site.connect(source="127.0.3.5")
        await client.send(site.dialect.login(user, given.secret))
        assert (await client.line()).startswith(site.dialect.accepted)
        clients.append(client)
    admitted = [line for line in lines_of(site, "login", "127.0.3.5") if line["verdict"] == "admitted"]
    assert len(admitted) == len(clients)
    site.gateway.run("user", "block", user)
    await asyncio.gather(*(client.rest() for client in clients))
    cut = lines_of(site, "session cut", "127.0.3.5")
    assert [(line["user"], line["reason"]) for line in cut] == [(user, "blocked")] * len(clients)
