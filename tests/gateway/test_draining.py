"""What clients hear while a gateway drains: goodbye, and never in the middle of something."""

import asyncio
import signal
from contextlib import asynccontextmanager

import pytest

from gateway.dialogues import DIALOGUES
from tests.gateway.site import QUICK, open_site
from tests.servers.script import Reply

LONG = QUICK.replace("drain_seconds = 1", "drain_seconds = 60")
IN_LINES = ("imap", "pop3", "sieve")
TEXT = b"Subject: Hello\r\n\r\nMore is to come.\r\n"


@pytest.fixture
def draining(tmp_path, authority):
    """A gateway of the protocol; `async with` its site, and in the end it must have left with 0."""

    @asynccontextmanager
    async def opened(protocol, settings):
        async with open_site(tmp_path / protocol, settings, authority, protocol) as site:
            yield site
            assert await asyncio.to_thread(site.gateway.process.wait, 30) == 0
            assert "Traceback" not in site.gateway.log()

    return opened


async def stop(site):
    site.gateway.process.send_signal(signal.SIGTERM)
    await site.until_log("event=draining")


@pytest.mark.parametrize("protocol", IN_LINES)
async def test_in_the_end_those_who_are_in_are_told_goodbye(draining, protocol):
    async with draining(protocol, QUICK) as site:
        client = await site.logged_in()
        await stop(site)
        await client.send(site.dialect.noop)
        assert await client.line() == site.dialect.done
        assert await client.rest() == DIALOGUES[protocol].goodbye


@pytest.mark.parametrize("protocol", IN_LINES)
async def test_who_is_in_the_middle_of_an_answer_hears_nothing_else(draining, protocol):
    async with draining(protocol, QUICK) as site:
        site.backend.script["NOOP"] = Reply(b"half a li")
        client = await site.logged_in()
        await client.send(site.dialect.noop)
        assert await client.exactly(9) == b"half a li"
        await stop(site)
        assert await client.rest() == b""


@pytest.mark.parametrize("protocol", [*IN_LINES, "smtp"])
async def test_strangers_are_told_goodbye(draining, protocol):
    async with draining(protocol, QUICK) as site:
        clients = [await site.connect(), await site.connect(protocol)]
        await stop(site)
        for client in clients:
            assert await client.rest() == DIALOGUES[protocol].goodbye


async def test_a_submission_client_is_told_as_soon_as_it_is_between_messages(draining):
    async with draining("smtp", LONG) as site:
        client = await site.logged_in()
        await client.send(site.dialect.noop)
        assert await client.line() == site.dialect.done
        await stop(site)
        assert await client.rest() == DIALOGUES["smtp"].goodbye


async def test_a_message_that_has_begun_is_taken_to_its_end(draining):
    async with draining("smtp", LONG) as site:
        client = await site.logged_in()
        for command in (b"MAIL FROM:<good@example.test>\r\n", b"RCPT TO:<dora@example.test>\r\n"):
            await client.send(command)
            assert await client.line() == b"250 done\r\n"
        await client.send(b"DATA\r\n")
        assert (await client.line()).startswith(b"354 ")
        await client.send(TEXT)
        idle = await site.logged_in()
        await stop(site)
        assert await idle.rest() == DIALOGUES["smtp"].goodbye
        await client.send(b"The end.\r\n.\r\n")
        assert await client.line() == b"250 done\r\n"
        assert await client.rest() == DIALOGUES["smtp"].goodbye
        assert TEXT + b"The end.\r\n.\r\n" in site.backend.received()
