"""The border between clear text and TLS, on the clients' side: nothing crosses it."""

import pytest

from tests.gateway.client import Client
from tests.gateway.site import GOOD

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRIVACY = b"a NO [PRIVACYREQUIRED] Start TLS first, then log in\r\n"


def evil(site):
    return b'b LOGIN "%b" "%b"\r\n' % (GOOD.encode(), site.good.secret.encode())


async def assert_nothing_was_run(site, client):
    """The connection ends; no word of the injected command was answered, in clear or in TLS."""
    said = await client.rest()
    assert b"b OK" not in said
    assert b"b NO" not in said
    assert b"b BAD" not in said
    assert site.logins() == []
    assert site.backend.connections == []


@pytest.mark.parametrize("starttls", [b"a STARTTLS\r\n", b"a STARTTLS \r\n", b"a starttls\n"])
async def test_stls_01_a_command_in_the_same_segment_is_never_run(site, starttls):
    client = await site.connect("imap")
    await client.send(starttls + evil(site))
    await assert_nothing_was_run(site, client)


async def test_stls_01_a_noop_in_the_same_segment_is_never_answered(site):
    client = await site.connect("imap")
    await client.send(b"a STARTTLS\r\nb NOOP\r\n")
    await assert_nothing_was_run(site, client)


async def test_stls_05_a_command_on_the_heels_of_starttls_is_never_run(site):
    client = await site.connect("imap")
    await client.send(b"a STARTTLS\r\n")
    await client.send(evil(site))
    await assert_nothing_was_run(site, client)


async def test_stls_05_a_command_after_the_go_ahead_is_never_run(site):
    client = await site.connect("imap")
    assert await client.answer(b"STARTTLS") == b"a OK Begin TLS negotiation now\r\n"
    await client.send(evil(site))
    await assert_nothing_was_run(site, client)


async def test_stls_05_a_command_in_front_of_the_client_hello_is_never_run(site):
    client = await site.connect("imap")
    await client.answer(b"STARTTLS")
    with pytest.raises(OSError):
        await client.start_tls(site.gateway.client_context(), before=evil(site))
    await assert_nothing_was_run(site, client)


@pytest.mark.parametrize("at", range(len(b"a STARTTLS\r\nb NOOP\r\n")))
async def test_stls_05_split_anywhere_it_is_never_run(site, at):
    client = await site.connect("imap")
    whole = b"a STARTTLS\r\nb NOOP\r\n"
    for part in (whole[:at], whole[at:]):
        await client.send(part)
    await assert_nothing_was_run(site, client)


async def test_stls_05_starttls_in_a_literal_is_no_starttls(site):
    client = await site.connect("imap")
    await client.send(b"a {8}\r\nSTARTTLS\r\n")
    for _ in range(2):
        assert b" BAD " in await client.line()


@pytest.mark.parametrize(
    "command",
    [
        b'LOGIN "good@example.test" "SECRETWORD"',
        b"LOGIN {17}",
        b"LOGIN good {16}",
        b"LOGIN {4+}\r\ngood {10+}\r\nSECRETWORD",
        b"AUTHENTICATE PLAIN",
        b"AUTHENTICATE PLAIN AGdvb2QAU0VDUkVUV09SRA==",
        b"AUTHENTICATE LOGIN",
    ],
)
async def test_stls_11_a_login_in_clear_is_refused_without_waiting_for_the_secret(site, command):
    client = await site.connect("imap")
    assert b" LOGINDISABLED" in client.greeting
    await client.send(b"a " + command + b"\r\n")
    assert await client.line() == PRIVACY
    assert site.logins() == []
    assert "SECRETWORD" not in site.log()


async def test_stls_11_logins_in_clear_are_no_failed_logins(site):
    client = await site.connect("imap")
    for _ in range(10):
        assert await client.login(GOOD, "wrong") == PRIVACY
    await client.answer(b"STARTTLS")
    await client.start_tls(site.gateway.client_context())
    assert (await client.login(GOOD, site.good.secret)).startswith(b"a OK ")


async def capabilities(client: Client) -> bytes:
    await client.send(b"c CAPABILITY\r\n")
    line = await client.line()
    assert await client.line() == b"c OK Capability completed\r\n"
    return line


async def test_stls_12_capabilities_in_clear_and_in_tls_differ(site):
    client = await site.connect("imap")
    assert await capabilities(client) == b"* CAPABILITY IMAP4rev1 LITERAL- ID STARTTLS LOGINDISABLED\r\n"
    await client.answer(b"STARTTLS")
    await client.start_tls(site.gateway.client_context())
    offered = b"* CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN\r\n"
    assert await capabilities(client) == offered
    assert (await client.answer(b"STARTTLS")).startswith(b"a BAD ")


async def test_stls_12_what_the_client_called_itself_in_clear_is_forgotten(site):
    client = await site.connect("imap")
    await client.answer(b'ID ("name" "somebody in between")')
    await client.answer(b"STARTTLS")
    await client.start_tls(site.gateway.client_context())
    assert (await client.login(GOOD, site.good.secret)).startswith(b"a OK ")
    [line] = site.logins()
    assert line["client"] == ""


async def test_stls_13_plain_text_after_close_notify_reaches_nobody(site):
    client = await site.logged_in()
    await client.send(b"a APPEND INBOX {18}\r\nfirst half")
    connection = site.backend.connections[0]
    await connection.until(b"first half")
    await client.close_notify()
    await client.send_in_clear(b"and half\r\nb NOOP\r\n")
    await client.rest()
    await connection.until_closed()
    assert connection.received.endswith(b"first half")


async def test_stls_13_plain_text_after_close_notify_is_no_login_either(site):
    client = await site.connect()
    await client.close_notify()
    await client.send_in_clear(evil(site))
    assert await client.rest() == b""
    assert site.logins() == []


async def test_a_client_may_log_in_after_starttls(site):
    client = await site.logged_in("imap")
    assert await client.answer(b"NOOP") == b"a OK done\r\n"
    [line] = site.logins()
    assert line["tls"] == "TLSv1.3"
