"""Commands behind a login: each reaches the backend once, in order, and only if the login succeeded."""

import asyncio

import pytest

from tests.gateway.site import GOOD
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

MIB = 1 << 20
FIFTY = b"".join(b"NOOP x%d\r\n" % number for number in range(50))


def login(site, secret=""):
    return site.dialect.login(GOOD, secret or site.good.secret)


def forwarded(site):
    """What came behind the gateway's own words."""
    [connection] = site.backend.connections
    _, first, rest = bytes(connection.received).partition(b"NOOP x0\r\n")
    return first + rest


async def test_pipe_01_fifty_commands_behind_the_login_are_forwarded_once_and_in_order(site):
    client = await site.connect()
    await client.send(login(site) + FIFTY)
    assert (await client.line()).startswith(site.dialect.accepted)
    [connection] = site.backend.connections
    await connection.until(b"NOOP x49\r\n")
    assert forwarded(site) == FIFTY
    assert connection.logged_in


async def test_pipe_01_wherever_the_client_splits_its_octets(site):
    whole = login(site) + site.dialect.noop + site.dialect.quit
    answers = await asyncio.gather(*(split_session(site, whole, at) for at in range(1, len(whole))))
    assert set(answers) == {answers[0]}
    assert answers[0].startswith(site.dialect.accepted)
    assert site.dialect.done in answers[0]
    tail = site.dialect.noop + site.dialect.quit
    assert all(connection.received.endswith(tail) for connection in site.backend.connections)


async def split_session(site, whole, at):
    client = await site.connect()
    for part in (whole[:at], whole[at:]):
        await client.send(part)
    return await client.rest()


async def test_pipe_03_they_wait_for_the_backends_yes(site):
    site.backend.script[site.dialect.login_verb] = Reply(then=Then.SILENCE)
    client = await site.connect()
    await client.send(login(site) + FIFTY)
    connection = await site.backend.connected()
    await connection.until(site.dialect.login_verb.encode())
    assert b"NOOP" not in connection.received
    connection.abort()
    assert await client.rest() == site.dialect.unavailable + site.dialect.behind
    assert b"NOOP" not in connection.received


@pytest.mark.parametrize("at_once", [True, False])
async def test_pipe_04_behind_a_refused_login_none_is_run_anywhere(site, at_once):
    client = await site.connect()
    for octets in [login(site, "wrong") + FIFTY] if at_once else [login(site, "wrong"), FIFTY]:
        await client.send(octets)
    assert await client.rest() == site.dialect.refused + site.dialect.behind
    assert site.backend.connections == []


async def test_pipe_04_a_second_login_behind_a_refused_one_is_not_tried(site):
    client = await site.connect()
    await client.send(login(site, "wrong") + login(site))
    assert await client.rest() == site.dialect.refused + site.dialect.behind
    assert [line["verdict"] for line in site.logins()] == ["refused"]


async def test_pipe_05_behind_a_login_that_could_not_be_decided_none_is_run(site):
    site.backend.script["GREETING"] = Reply(then=Then.CLOSE)
    client = await site.connect()
    await client.send(login(site) + FIFTY)
    assert await client.rest() == site.dialect.unavailable + site.dialect.behind
    assert b"NOOP" not in site.backend.received()


async def test_pipe_06_mebibytes_before_the_yes_wait_outside(site):
    site.backend.script[site.dialect.login_verb] = Reply(then=Then.SILENCE)
    client = await site.connect()
    before = site.memory_kib()
    await client.send(login(site))
    connection = await site.backend.connected()
    await connection.until(site.dialect.login_verb.encode())
    sending = asyncio.ensure_future(client.send(b"NOOP xx\r\n" * MIB))
    await asyncio.wait([sending], timeout=0.5)
    assert not sending.done()
    assert site.memory_kib() - before < 1024
    sending.cancel()


async def test_pipe_08_who_says_goodbye_and_closes_its_side_still_gets_every_answer(site):
    client = await site.logged_in()
    await client.last_words(site.dialect.noop * 100 + site.dialect.quit)
    said = await client.rest()
    assert said.count(site.dialect.done) == 100
    assert said.splitlines()[-1].endswith((b"bye", b'"bye"'))


async def test_what_the_backend_says_unasked_reaches_the_client(site):
    client = await site.logged_in()
    await site.backend.connections[0].send(b"unasked\r\n")
    assert await client.line() == b"unasked\r\n"


async def test_a_backend_that_is_cut_cuts_the_client(site):
    client = await site.logged_in()
    site.backend.connections[0].abort(reset=True)
    assert await client.rest() == b""
