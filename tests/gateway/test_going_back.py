"""UNAUTHENTICATE: back to before the login, where no gatekeeper is asked. No user may get there."""

import pytest

from tests.gateway.dialects import plain
from tests.gateway.site import GOOD, MAIN, QUICK
from tests.servers.script import Reply

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.parametrize("standing_site", ["imap", "sieve"], indirect=True, scope="module"),
]

SETTINGS = QUICK
DONE = {"imap": b"{tag} OK back\r\n", "sieve": b'OK "back"\r\n'}
SILENT = {"imap": b"* BYE\r\n", "sieve": b"BYE\r\n"}


@pytest.mark.parametrize("said", [DONE, SILENT])
async def test_back_04_and_back_05_a_backend_that_takes_it_unannounced_is_not_used(site, said):
    """Neither for an app password nor for a main password; and nobody is told that it was wrong."""
    dora = site.people.add(f"dora-{len(said['imap'])}@example.test", "disabled")
    site.backend.script["UNAUTHENTICATE"] = Reply(said[site.dialect.protocol])
    for user, secret in ((GOOD, site.good.secret), (dora, MAIN)):
        assert await site.told(user, secret) == site.dialect.unavailable
    assert [line["reason"] for line in site.logins()] == ["backend-unavailable"] * 2


async def test_back_04_and_back_05_the_backend_is_asked_before_the_client_hears_its_yes(site):
    client = await site.logged_in()
    await client.send(site.dialect.noop)
    assert await client.line() == site.dialect.done
    verbs = [command.verb for command in site.backend.connections[0].commands]
    assert verbs.index("UNAUTHENTICATE") == verbs.index("NOOP") - 1
    assert verbs.count("UNAUTHENTICATE") == 1


async def test_a_refused_login_asks_nothing_more(site):
    site.backend.passwords = {}
    client = await site.connect()
    await client.send(site.dialect.authenticate(plain(GOOD, site.good.secret)))
    assert await client.line() == site.dialect.unavailable
    assert b"UNAUTHENTICATE" not in site.backend.received()
