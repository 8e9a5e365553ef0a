"""What clients are told before the login is what the backend offers, also after the backend has changed."""

import asyncio

import pytest

from tests.gateway.site import QUICK, open_site
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio

SETTINGS = QUICK + "learn_seconds = 1\n"
OFFERS = {
    "smtp": ("SIZE 1000|AUTH PLAIN|XCLIENT ADDR", "SIZE 2000|SMTPUTF8|AUTH PLAIN", b"250-SIZE 2000\r\n"),
    "pop3": ("TOP|SASL PLAIN", "TOP|UIDL|SASL PLAIN", b"UIDL\r\n"),
    "sieve": (
        '"SIEVE" "fileinto"|"SASL" "PLAIN"',
        '"SIEVE" "fileinto vacation"|"SASL" "PLAIN"',
        b'"SIEVE" "fileinto vacation"\r\n',
    ),
}


async def told(site):
    """What a client hears that asks before the login."""
    client = await site.connect()
    await client.send(site.dialect.capabilities)
    lines = await client.until_line(site.dialect.listed)
    client.abort()
    return lines


@pytest.mark.parametrize("protocol", OFFERS)
async def test_a_new_offer_of_the_backend_is_told_once_it_is_learnt(protocol, tmp_path, authority):
    old, new, line = OFFERS[protocol]
    async with open_site(tmp_path, SETTINGS, authority, protocol, capability=old) as site:
        assert line not in await told(site)
        site.backend.capability = new
        await until_told(site, line)


@pytest.mark.parametrize("protocol", OFFERS)
async def test_a_backend_that_is_down_keeps_its_last_offer(protocol, tmp_path, authority):
    _, new, line = OFFERS[protocol]
    async with open_site(tmp_path, SETTINGS, authority, protocol, capability=new) as site:
        site.backend.script["GREETING"] = Reply(then=Then.CLOSE)
        asked = len(site.backend.connections)
        await site.backend.connected(asked + 2)
        assert line in await told(site)


@pytest.mark.parametrize("protocol", OFFERS)
async def test_a_backend_that_is_down_at_the_start_is_asked_again(protocol, tmp_path, authority):
    _, new, line = OFFERS[protocol]
    down = {"GREETING": Reply(then=Then.CLOSE)}
    async with open_site(tmp_path, SETTINGS, authority, protocol, capability=new, script=down) as site:
        site.backend.capability = new
        await until_told(site, line)


async def until_told(site, line):
    async with asyncio.timeout(20):
        while line not in await told(site):
            await site.backend.connected(len(site.backend.connections) + 1)
