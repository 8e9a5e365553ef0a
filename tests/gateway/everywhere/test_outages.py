"""Whatever keeps the gateway from deciding is a temporary refusal, and never looks like a wrong password."""

import asyncio

import pytest

from tests.gateway.site import GOOD, MAIN, PORTAL
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = f"""
[policy]
portal_url = "{PORTAL}"
[limits]
refusal_seconds = 0.05
backend_seconds = 1.2
"""
ON_CONNECTING = {
    "gone at once": Reply(then=Then.CLOSE),
    "reset": Reply(then=Then.RESET),
    "silent": Reply(then=Then.SILENCE),
    "another protocol": Reply(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "line without an end": Reply(b"220-OK +OK " + b"x" * 4000, Then.REPEAT),
    "lines without an end": Reply(b"220-x\r\n" * 50, Then.REPEAT),
}
TEMPORARY = {
    "imap": [b"{tag} NO [UNAVAILABLE] Directory is down\r\n", b"{tag} NO [INUSE] Locked\r\n"],
    "smtp": [b"454 4.7.0 Directory is down\r\n", b"421 too busy\r\n", b"451 4.3.0 x\r\n", b"235"],
    "pop3": [b"-ERR [SYS/TEMP] Directory is down\r\n", b"-ERR [IN-USE] Locked\r\n"],
    "sieve": [b'NO (TRYLATER) "Directory is down"\r\n', b'BYE "too busy"\r\n'],
}
SENSELESS = [b"PERHAPS\r\n", b"\r\n", b"\0\xff\r\n"]


@pytest.fixture(scope="module")
def dora(standing_site):
    return standing_site.people.add("dora@example.test", "disabled")


async def assert_unavailable(site, dora):
    answers = await asyncio.gather(site.told(dora, MAIN), site.told(GOOD, site.good.secret))
    assert answers == [site.dialect.unavailable] * 2
    assert {line["reason"] for line in site.logins()} <= {"backend-unavailable", "backend-failed"}


@pytest.mark.parametrize("name", ON_CONNECTING)
async def test_a_backend_that_cannot_be_used_is_an_outage(site, dora, name):
    site.backend.script["GREETING"] = ON_CONNECTING[name]
    await assert_unavailable(site, dora)


@pytest.mark.parametrize("number", range(2))
async def test_a_temporary_refusal_of_the_backend_is_passed_on_as_one(site, dora, number):
    reply = Reply(TEMPORARY[site.dialect.protocol][number])
    site.backend.script[site.dialect.login_verb] = reply
    await assert_unavailable(site, dora)


@pytest.mark.parametrize("octets", SENSELESS)
async def test_an_answer_that_makes_no_sense_is_an_outage(site, dora, octets):
    site.backend.script[site.dialect.login_verb] = Reply(octets)
    await assert_unavailable(site, dora)


async def test_a_backend_that_refuses_the_gateways_own_login_is_an_outage(site):
    site.backend.passwords = {}
    assert await site.told(GOOD, site.good.secret) == site.dialect.unavailable


async def test_alpn_02_a_browser_is_sent_away_and_hears_nothing_of_itself(site):
    client = await site.connect()
    page = b"GET /<script>alert(1)</script> HTTP/1.1\r\nHost: mail\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n"
    await client.send(page)
    said = await client.rest()
    assert b"script" not in said
    assert b"HTTP" not in said
    assert site.logins() == []
