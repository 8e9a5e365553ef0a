"""What is taken away ends live sessions in each protocol, whatever they are doing."""

import uuid

import pytest

from store import app_passwords, users
from tests.gateway.dialects import plain

pytestmark = pytest.mark.asyncio(loop_scope="module")

# In the middle of a command, of its data, or of nothing.
HALFWAY = {
    "imap": [b"", b"a IDLE\r\n", b"a APPEND INBOX {100+}\r\nhalf"],
    "smtp": [
        b"",
        b"MAIL FROM:<x@example.test>\r\nRCPT TO:<y@example.test>\r\nDATA\r\nSubject: half",
        b"MAIL",
    ],
    "pop3": [b"", b"RETR 100000\r\n", b"RET"],
    "sieve": [b"", b'PUTSCRIPT "x" {100+}\r\nhalf', b"LISTSC"],
}


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("taken", ["app password deleted", "user blocked"])
async def test_a_live_session_is_cut_and_no_login_succeeds_any_more(site, number, taken):
    login = site.people.add(f"{uuid.uuid4().hex}@example.test", "enforced")
    given = site.people.give(login)
    client = await site.connect()
    await client.send(site.dialect.authenticate(plain(login, given.secret)))
    assert (await client.line()).startswith(site.dialect.accepted)
    halfway = HALFWAY[site.dialect.protocol][number]
    await client.send(halfway)
    [connection] = site.backend.connections
    await connection.until(halfway)
    if taken == "user blocked":
        site.people.block(login)
    else:
        user = users.find(site.people.database, login)
        app_passwords.delete(site.people.database, user.id, given.id, actor="test")
    await client.rest()
    await connection.until_closed()
    assert b"\r\n.\r\n" not in connection.received
    assert await site.told(login, given.secret) == site.dialect.refused
