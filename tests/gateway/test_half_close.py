"""How a session ends, and how it bears a side that doesn't read: no octet is lost, and none is kept."""

import asyncio

import pytest

from tests.gateway.site import GOOD, QUICK, open_site
from tests.gateway.tls_backend import TlsBackend
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

BIG = 5_000_000
HUGE = 64 << 20
IN_TLS = """
[[backend]]
protocol = "imap"
address = "localhost:BACKEND"
tls = "implicit"
ca_file = "CA"
login = "shared-password"
shared_password_file = "secret"
"""


async def assert_all_arrives(client, size):
    """A message of that size, what closes it, and the goodbye."""
    assert await client.line() == b"* %d FETCH (BODY[] {%d}\r\n" % (size, size)
    line = b"0123456789" * 7 + b"\r\n"
    assert await client.exactly(size) == (line * (size // len(line) + 1))[:size]
    assert await client.rest() == b")\r\nb OK done\r\n* BYE\r\nc OK bye\r\n"


@pytest.mark.parametrize("size", [10, BIG])
async def test_pipe_08_who_says_goodbye_and_closes_its_side_still_gets_every_answer(site, size):
    client = await site.logged_in()
    await client.send(b"b FETCH %d BODY[]\r\nc LOGOUT\r\n" % size)
    await client.close_notify()
    await assert_all_arrives(client, size)


async def test_pipe_08_answers_under_way_when_the_client_closes_its_side_arrive(site):
    client = await site.logged_in()
    await client.send(b"b FETCH %d BODY[]\r\n" % BIG)
    await client.line()
    await client.close_notify()
    assert len(await client.rest()) == BIG + len(b")\r\nb OK done\r\n")


async def test_pipe_08_a_client_that_closes_without_a_word_in_tls_ends_the_session(site):
    client = await site.logged_in()
    client.half_close()
    await site.backend.connections[0].until_closed()
    await site.until_status(sessions=0)


@pytest.mark.parametrize("then", [Then.RESET, Then.CLOSE])
async def test_pipe_08_a_backend_lost_in_the_middle_of_a_message_ends_the_session(site, then):
    site.backend.script["FETCH"] = Reply(b"* 1 FETCH (BODY[] {1000}\r\nonly this", then)
    client = await site.logged_in()
    await client.send(b"b FETCH 1 BODY[]\r\n")
    said = await client.rest()
    assert b"* 1 FETCH (BODY[] {1000}\r\nonly this".startswith(said)
    await site.until_status(sessions=0)


async def test_pipe_08_a_client_that_vanishes_ends_the_backends_session(site):
    client = await site.logged_in()
    client.abort()
    await site.backend.connections[0].until_closed()
    await site.until_status(sessions=0)


async def test_pipe_08_an_end_right_behind_a_full_record_is_heard(site):
    client = await site.logged_in()
    await client.last_words(b"b NOOP %s\r\n" % (b"x" * (16384 - 9)))
    await site.backend.connections[0].until_closed()
    await site.until_status(sessions=0)


async def test_pipe_08_a_backend_in_tls_finishes_what_it_was_saying(tmp_path, authority):
    with TlsBackend(authority.server().server_context(), b"x" * BIG) as backend:
        settings = QUICK + IN_TLS.replace("BACKEND", str(backend.port)).replace("CA", str(authority.ca_file))
        async with open_site(tmp_path, settings, authority) as site:
            client = await site.connect()
            assert (await client.login(GOOD, site.good.secret)).startswith(b"a OK ")
            await client.exactly(1)
            await client.close_notify()
            assert len(await client.rest()) == BIG - 1
            await site.until_status(sessions=0)


async def test_pipe_09_what_a_slow_reader_leaves_is_not_kept_in_memory(site):
    client = await site.logged_in()
    assert await client.answer(b"NOOP") == b"a OK done\r\n"
    before = site.memory_kib()
    await client.send(b"b FETCH %d BODY[]\r\n" % HUGE)
    await client.line()
    await asyncio.sleep(0.3)  # let the backend push what it can; the client's own buffer is full at once
    assert site.memory_kib() - before < 1024
    assert len(await client.exactly(HUGE)) == HUGE
    assert await client.until(b"done\r\n") == b")\r\nb OK done\r\n"
    assert site.memory_kib() - before < 1024
