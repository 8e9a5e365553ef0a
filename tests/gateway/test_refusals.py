"""Whatever keeps the gateway from deciding is a temporary refusal, and never looks like a wrong password."""

import asyncio

import pytest

from tests.gateway.site import GOOD, MAIN, PORTAL, QUICK, UNAVAILABLE, open_site
from tests.servers.ports import free_ports
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = f"""
[policy]
portal_url = "{PORTAL}"
[limits]
refusal_seconds = 0.05
backend_seconds = 1.2
"""
BACKEND_AT = """
[[backend]]
protocol = "imap"
address = [{addresses}]
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""
GREETING = b"* OK [CAPABILITY IMAP4rev1] ready\r\n"
ON_CONNECTING = {
    "gone at once": Reply(then=Then.CLOSE),
    "reset": Reply(then=Then.RESET),
    "silent": Reply(then=Then.SILENCE),
    "bye": Reply(b"* BYE too busy\r\n", Then.CLOSE),
    "preauth": Reply(b"* PREAUTH logged in as root\r\n"),
    "another protocol": Reply(b"220 mx.example.test ESMTP\r\n"),
    "line without an end": Reply(b"* OK " + b"x" * 4000, Then.REPEAT),
    "lines without an end": Reply(b"* OK [CAPABILITY IMAP4rev1]\r\n" * 50, Then.REPEAT),
    "literal without an end": Reply(b"* OK {99999999}\r\n", Then.SILENCE),
    "no way to log in": Reply(b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready\r\n"),
}
ON_LOGIN = {
    "unavailable": Reply(b"{tag} NO [UNAVAILABLE] Directory is down\r\n"),
    "server bug": Reply(b"{tag} NO [SERVERBUG] Internal error\r\n"),
    "in use": Reply(b"{tag} NO [INUSE] Mailbox is locked\r\n"),
    "limit": Reply(b"{tag} NO [LIMIT] Too many connections\r\n"),
    "contact the administrator": Reply(b"{tag} NO [CONTACTADMIN] Mailbox is broken\r\n"),
    "bad": Reply(b"{tag} BAD What?\r\n"),
    "bye": Reply(b"* BYE shutting down\r\n", Then.CLOSE),
    "neither yes nor no": Reply(b"{tag} PERHAPS\r\n"),
    "tag alone": Reply(b"{tag}\r\n"),
    "cut in the middle of a yes": Reply(b"{tag} OK [CAPABILI", Then.CLOSE),
    "silent": Reply(then=Then.SILENCE),
    "challenges without an end": Reply(b"+ \r\n", Then.REPEAT),
}
FAULTS = [("GREETING", name) for name in ON_CONNECTING] + [("LOGIN", name) for name in ON_LOGIN]


@pytest.fixture(scope="module")
def dora(standing_site):
    return standing_site.people.add("dora@example.test", "disabled")


def set_fault(site, when, name):
    reply = (ON_CONNECTING if when == "GREETING" else ON_LOGIN)[name]
    for verb in ("GREETING",) if when == "GREETING" else ("LOGIN", "AUTHENTICATE"):
        site.backend.script[verb] = reply


@pytest.mark.parametrize(("when", "fault"), FAULTS)
async def test_a_backend_that_cannot_be_understood_is_a_temporary_refusal(site, dora, when, fault):
    set_fault(site, when, fault)
    answers = await asyncio.gather(site.login(dora, MAIN), site.login(GOOD, site.good.secret))
    assert answers == [UNAVAILABLE, UNAVAILABLE]
    assert [(one["verdict"], one["reason"]) for one in site.logins()] == [
        ("refused", "backend-unavailable"),
        ("refused", "backend-unavailable"),
    ]


async def test_the_gateways_own_login_refused_is_our_fault_and_not_the_users(site):
    site.backend.passwords = {}
    assert await site.login(GOOD, site.good.secret) == UNAVAILABLE
    assert "backend refused the gateway's own login" in site.log()
    [line] = site.logins()
    assert (line["user"], line["reason"]) == (GOOD, "backend-unavailable")


async def test_after_a_temporary_refusal_the_same_connection_gets_in(site):
    set_fault(site, "GREETING", "gone at once")
    client = await site.connect()
    assert await client.login(GOOD, site.good.secret) == b"a " + UNAVAILABLE
    site.backend.script.clear()
    assert (await client.login(GOOD, site.good.secret, tag=b"b")).startswith(b"b OK ")


async def test_a_refused_connection_is_a_temporary_refusal(tmp_path, authority):
    [nobody] = free_ports(1)
    settings = QUICK + BACKEND_AT.replace("{addresses}", f'"127.0.0.1:{nobody}"')
    async with open_site(tmp_path, settings, authority) as site:
        dora = site.people.add("dora@example.test", "disabled")
        assert await site.login(dora, MAIN) == UNAVAILABLE
        assert await site.login(GOOD, site.good.secret) == UNAVAILABLE


async def test_the_next_address_is_tried_when_one_fails(tmp_path, authority):
    [nobody] = free_ports(1)
    settings = QUICK + BACKEND_AT.replace("{addresses}", f'"127.0.0.1:{nobody}", "127.0.0.1:{{port}}"')
    async with open_site(tmp_path, settings, authority) as site:
        dora = site.people.add("dora@example.test", "disabled")
        assert (await site.login(dora, MAIN)).startswith(b"OK ")
        assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
        site.backend.passwords = {}
        before = len(site.backend.connections)
        assert (await site.login(dora, MAIN)).startswith(b"NO [AUTHENTICATIONFAILED]")
        assert len(site.backend.connections) == before + 1
