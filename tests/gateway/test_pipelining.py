"""Commands behind a login: each reaches the backend once, in order, and only if the login succeeded."""

import asyncio
import re

import pytest

from tests.gateway.site import GOOD, QUICK, REFUSAL, UNAVAILABLE
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = QUICK
FIFTY = b"".join(b"p%d NOOP x%d\r\n" % (number, number) for number in range(50))
MIB = 1 << 20
BYE = b"* BYE Commands behind a login that failed\r\n"


def login(site):
    return b'a LOGIN "%b" "%b"\r\n' % (GOOD.encode(), site.good.secret.encode())


def forwarded(connection):
    """What came after the gateway's own login, and its question whether the user could go back before it."""
    return bytes(connection.received).partition(b"UNAUTHENTICATE")[2].partition(b"\r\n")[2]


async def test_pipe_01_fifty_commands_behind_the_login_are_forwarded_once_and_in_order(site):
    client = await site.connect()
    await client.send(login(site) + FIFTY)
    await client.until(b"p49 OK done\r\n")
    [connection] = site.backend.connections
    assert forwarded(connection) == FIFTY
    assert connection.logged_in


async def test_pipe_01_wherever_the_client_splits_its_octets(site):
    few = b"b NOOP\r\nc FETCH 5 BODY[]\r\nd LOGOUT\r\n"
    whole = login(site) + few
    answers = await asyncio.gather(*(split_session(site, whole, at) for at in range(1, len(whole))))
    assert set(answers) == {answers[0]}
    assert answers[0].endswith(b"d OK bye\r\n")
    assert len(site.backend.connections) == len(whole) - 1
    assert {forwarded(connection) for connection in site.backend.connections} == {few}


async def split_session(site, whole, at):
    client = await site.connect()
    for part in (whole[:at], whole[at:]):
        await client.send(part)
    return await client.rest()


async def test_pipe_02_the_same_behind_an_authentication_with_a_challenge(site):
    client = await site.connect()
    await client.send(b"a AUTHENTICATE PLAIN\r\n")
    assert await client.line() == b"+ \r\n"
    await client.send(b"AGdvb2RAZXhhbXBsZS50ZXN0AA==\r\n" + FIFTY)  # no password
    assert await client.rest() == b"a " + REFUSAL + BYE
    assert site.backend.connections == []


async def test_pipe_03_they_wait_for_the_backends_yes(site):
    site.backend.script["AUTHENTICATE"] = Reply(then=Then.SILENCE)
    client = await site.connect()
    await client.send(login(site) + FIFTY)
    connection = await site.backend.connected()
    await connection.until(b"AUTHENTICATE PLAIN")
    assert forwarded(connection) == b""
    await say_yes(connection)
    await connection.until(FIFTY)
    assert forwarded(connection) == FIFTY


async def say_yes(connection):
    """As a backend that took its time."""
    [tag] = re.findall(rb"(\w+) AUTHENTICATE PLAIN", connection.received)
    await connection.send(tag + b" OK in\r\n")
    await connection.until(b"UNAUTHENTICATE\r\n")
    [tag] = re.findall(rb"(\w+) UNAUTHENTICATE", connection.received)
    await connection.send(tag + b" BAD unknown command\r\n")


@pytest.mark.parametrize("at_once", [True, False])
async def test_pipe_04_behind_a_refused_login_none_is_run_anywhere(site, at_once):
    client = await site.connect()
    command = b'a LOGIN "good@example.test" "wrong"\r\n'
    if at_once:
        await client.send(command + FIFTY)
    else:
        await client.send(command)
        await client.send(FIFTY)
    said = await client.rest()
    assert said == b"a " + REFUSAL + BYE
    assert site.backend.connections == []


async def test_pipe_04_a_second_login_behind_a_refused_one_is_not_tried(site):
    client = await site.connect()
    await client.send(b'x LOGIN "good@example.test" "wrong"\r\n' + login(site))
    assert await client.rest() == b"x " + REFUSAL + BYE
    assert [line["verdict"] for line in site.logins()] == ["refused"]


async def test_pipe_05_behind_a_login_that_could_not_be_decided_none_is_run(site):
    site.backend.script["GREETING"] = Reply(then=Then.CLOSE)
    client = await site.connect()
    await client.send(login(site) + FIFTY)
    assert await client.rest() == b"a " + UNAVAILABLE + BYE
    assert site.backend.received() == b""


async def test_pipe_06_eight_mebibytes_before_the_yes_wait_outside(site):
    """The gateway reads none of it, so the client can't send it all; after the yes, all of it arrives."""
    site.backend.script["AUTHENTICATE"] = Reply(then=Then.SILENCE)
    client = await site.connect()
    before = site.memory_kib()
    await client.send(login(site))
    connection = await site.backend.connected()
    await connection.until(b"AUTHENTICATE PLAIN")
    much = b"b NOOP\r\n" * MIB + b"the last\r\n"
    sending = asyncio.ensure_future(client.send(much))
    await asyncio.wait([sending], timeout=0.5)
    assert not sending.done()
    assert site.memory_kib() - before < 1024
    await say_yes(connection)
    await sending
    await connection.until(b"the last\r\n")
    assert forwarded(connection) == much
    assert site.memory_kib() - before < 2048


async def test_pipe_07_what_the_backend_says_with_its_yes_is_not_lost(site):
    behind = b"* 23 EXISTS\r\n* 1 RECENT\r\n"
    site.backend.script["AUTHENTICATE"] = Reply(
        b"* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK in\r\n" + behind, Then.LOGGED_IN
    )
    client = await site.connect()
    await client.send(login(site))
    assert await client.line() == b"a OK [CAPABILITY IMAP4rev1 IDLE] in\r\n"
    assert await client.until(behind) == behind
    assert await client.answer(b"NOOP", b"b") == b"b OK done\r\n"
