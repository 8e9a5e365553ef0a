"""Users who send as much as they can behind their login: the others notice nothing."""

import pytest

from tests.gateway.site import QUICK
from tests.servers.script import Reply, Then

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.parametrize("standing_site", ["smtp"], indirect=True),
]
SETTINGS = QUICK
SIZE = 4 << 20
FLOODS = {
    "line ends": b"\n",
    "empty lines": b"\r\n",
    "commands": b"NOOP\r\n",
    "empty chunks": b"BDAT 0\r\n",
    "a line without end": b"x",
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
async def test_dos_20_one_user_of_smtp_does_not_stop_the_others(site, flood):
    site.backend.script["NOOP"] = Reply(site.dialect.done, Then.SILENCE)
    client = await site.logged_in()
    await client.send(site.dialect.noop)
    assert await client.line() == site.dialect.done
    await client.send(flood * (SIZE // len(flood)) + b"<the end>")
    site.backend.script.clear()
    await site.lets_a_good_login_in()
    await site.backend.connections[0].until(b"<the end>")
