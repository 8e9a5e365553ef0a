"""The border between clear text and TLS, on the clients' side: nothing crosses it."""

import pytest

from tests.gateway.site import GOOD

pytestmark = pytest.mark.asyncio(loop_scope="module")


def evil(site):
    return site.dialect.login(GOOD, site.good.secret)


async def connect(site):
    return await site.connect(site.dialect.protocol)


async def assert_nothing_was_run(site, client):
    """The connection ends without an answer to the login, in clear or in TLS."""
    said = await client.rest()
    answers = [site.dialect.refused, site.dialect.privacy, site.dialect.unavailable]
    assert not any(answer in said for answer in answers)
    assert said.removeprefix(site.dialect.go_ahead).count(site.dialect.accepted) == 0
    assert site.logins() == []
    assert site.backend.connections == []


async def test_stls_01_a_login_in_the_same_segment_is_never_run(site):
    client = await connect(site)
    await client.send(site.dialect.starttls + evil(site))
    await assert_nothing_was_run(site, client)


async def test_stls_05_a_login_on_the_heels_of_starttls_is_never_run(site):
    client = await connect(site)
    await client.send(site.dialect.starttls)
    await client.send(evil(site))
    await assert_nothing_was_run(site, client)


async def test_stls_05_a_login_after_the_go_ahead_is_never_run(site):
    client = await connect(site)
    await client.send(site.dialect.starttls)
    assert await client.line() == site.dialect.go_ahead
    await client.send(evil(site))
    await assert_nothing_was_run(site, client)


async def test_stls_05_a_login_in_front_of_the_client_hello_is_never_run(site):
    client = await connect(site)
    await client.send(site.dialect.starttls)
    await client.line()
    with pytest.raises(OSError):
        await client.start_tls(site.gateway.client_context(), before=evil(site))
    await assert_nothing_was_run(site, client)


async def test_stls_11_a_login_in_clear_is_refused_without_waiting_for_the_secret(site):
    client = await connect(site)
    await client.send(site.dialect.authenticate(b"c2VjcmV0"))
    assert await client.line() == site.dialect.privacy
    await client.send(site.dialect.authenticate(b"").replace(b' ""', b"").replace(b" \r", b"\r"))
    assert await client.line() == site.dialect.privacy
    assert site.logins() == []
    assert "c2VjcmV0" not in site.log()


async def test_stls_12_tls_is_offered_in_clear_and_not_in_tls(site):
    client = await connect(site)
    await client.send(site.dialect.capabilities)
    clear = await client.until_line(site.dialect.listed)
    assert site.dialect.offers_tls in clear
    assert b"PLAIN" not in clear
    await site.dialect.start_tls(client, site.gateway.client_context())
    await client.send(site.dialect.capabilities)
    inside = await client.until_line(site.dialect.listed)
    assert site.dialect.offers_tls not in inside
    assert b"PLAIN" in inside


async def test_stls_13_clear_text_after_close_notify_reaches_nobody(site):
    client = await site.logged_in()
    await client.send(b"first half")
    connection = site.backend.connections[0]
    await connection.until(b"first half")
    await client.close_notify()
    await client.send_in_clear(b" and half\r\n")
    await client.rest()
    await connection.until_closed()
    assert connection.received.endswith(b"first half")


async def test_a_client_may_log_in_after_starttls(site):
    client = await site.logged_in(site.dialect.protocol)
    await client.send(site.dialect.noop)
    assert await client.line() == site.dialect.done
    [line] = site.logins()
    assert (line["tls"], line["listener"]) == ("TLSv1.3", site.dialect.protocol)


async def test_stls_14_a_client_that_is_cut_off_in_the_middle_ends_it_there(site):
    """A FIN without close_notify is somebody else's: nothing is added to what the client had said."""
    client = await site.logged_in()
    await client.send(b"first half")
    connection = site.backend.connections[0]
    await connection.until(b"first half")
    client.half_close()
    await connection.until_closed()
    assert connection.received.endswith(b"first half")
