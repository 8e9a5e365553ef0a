"""The client's address behind a load balancer: from whom it's believed, and what it's used for."""

import asyncio

import pytest

from tests.gateway.client import Client
from tests.gateway.proxied import BAD_HEADERS, GOOD_HEADERS, V1, version_2
from tests.gateway.site import GOOD, MAIN, QUICK, REFUSAL
from tests.servers.ports import free_ports

pytestmark = pytest.mark.asyncio(loop_scope="module")

[IN_CLEAR] = free_ports(1)
SETTINGS = (
    QUICK
    + f"""
[[listener]]
protocol = "imap"
name = "proxied"
address = "127.0.0.1:{{third}}"
tls = "implicit"
proxy_from = ["127.0.0.1"]
sources = ["192.0.2.0/24", "2001:db8::/32"]
[[listener]]
protocol = "imap"
name = "proxied-starttls"
address = "127.0.0.1:{IN_CLEAR}"
tls = "starttls"
proxy_from = ["127.0.0.1"]
"""
)


async def connect(site, header, **more) -> Client:
    """A client behind a load balancer: the header and the ClientHello go out in one segment."""
    return await site.connect("third", tls=site.gateway.client_context(), first=header, **more)


async def assert_turned_away(site, client):
    assert await client.rest() == b""
    await site.until_log('event="client turned away"')
    assert site.backend.connections == []


@pytest.mark.parametrize("kind", GOOD_HEADERS)
async def test_bf_07_the_forwarded_address_is_logged_and_told_to_the_backend(site, kind):
    header, address = GOOD_HEADERS[kind]
    client = await connect(site, header)
    assert (await client.login(GOOD, site.good.secret)).startswith(b"a OK ")
    [line] = site.logins()
    assert (line["address"], line["port"], line["listener"]) == (address, "47110", "proxied")
    [session] = site.sessions()
    assert session["address"] == address
    told = b'ID ("x-originating-ip" "%b" "x-originating-port" "47110")' % address.encode()
    assert told in site.backend.connections[0].received


async def test_bf_07_without_a_proxy_the_address_is_the_clients_own(site):
    client = await site.connect(source="127.0.0.9")
    assert (await client.login(GOOD, site.good.secret)).startswith(b"a OK ")
    [line] = site.logins()
    assert (line["address"], line["port"]) == ("127.0.0.9", str(client.address[1]))
    assert b'"x-originating-ip" "127.0.0.9"' in site.backend.connections[0].received


@pytest.mark.parametrize("header", [V1, version_2()], ids=["version 1", "version 2"])
async def test_bf_07_a_header_split_anywhere_is_read(site, header):
    async def split(at):
        client = await site.connect("third", greeted=False, first=header[:at])
        await client.start_tls(site.gateway.client_context(), before=header[at:])
        return await client.login(GOOD, site.good.secret)

    answers = await asyncio.gather(*(split(at) for at in range(1, len(header) + 1)))
    assert all(answer.startswith(b"a OK ") for answer in answers)
    assert {line["address"] for line in site.logins()} == {"192.0.2.7"}


async def test_bf_07_octet_by_octet_it_is_read(site):
    client = await site.connect("third", greeted=False)
    for octet in version_2():
        await client.send(bytes([octet]))
    await client.start_tls(site.gateway.client_context())
    assert (await client.line()).startswith(b"* OK ")


async def test_bf_07_a_header_in_front_of_starttls_is_read_and_nothing_behind_it(site):
    client = await Client.connect(IN_CLEAR, first=V1 + b"a STARTTLS\r\n")
    assert (await client.line()).startswith(b"* OK ")
    assert (await client.line()).startswith(b"a OK ")
    await client.start_tls(site.gateway.client_context())
    assert (await client.login(GOOD, site.good.secret)).startswith(b"a OK ")
    assert site.logins()[0]["address"] == "192.0.2.7"
    client.abort()


@pytest.mark.parametrize("kind", BAD_HEADERS)
async def test_bf_07_a_bad_header_or_none_is_turned_away(site, kind):
    client = await site.connect("third", greeted=False, first=BAD_HEADERS[kind])
    client.half_close()
    said = await client.rest()
    assert said == b"" or kind.startswith("two")  # behind the first, the second is no ClientHello
    assert b"* OK" not in said
    assert site.logins() == []
    assert site.backend.connections == []


async def test_bf_07_a_header_from_elsewhere_is_not_believed(site):
    client = await site.connect("third", greeted=False, first=V1, source="127.0.0.2")
    await assert_turned_away(site, client)


async def test_bf_07_a_listener_without_proxies_believes_no_header(site):
    with pytest.raises(OSError):
        await site.connect(first=V1)
    await site.until_log('event="client turned away"')
    client = await site.connect("imap")
    assert (await client.answer(V1.strip(), b"a")).startswith(b"a BAD ")


async def test_bf_07_where_a_listener_is_for_some_networks_the_forwarded_address_counts(site):
    client = await site.connect("third", greeted=False, first=V1.replace(b"192.0.2.7", b"203.0.113.7"))
    await assert_turned_away(site, client)


async def test_bf_07_where_an_app_password_is_for_a_network_the_forwarded_address_counts(site):
    user = site.people.add("scanner@example.test", "enforced")
    here = site.people.give(user, networks=["192.0.2.7/32"]).secret
    proxy = site.people.give(user, networks=["127.0.0.0/8"]).secret
    client = await connect(site, V1)
    assert await client.login(user, proxy) == b"a " + REFUSAL
    assert (await client.login(user, here)).startswith(b"a OK ")


async def test_bf_07_a_forged_header_inside_tls_is_only_a_bad_command(site):
    client = await connect(site, V1)
    assert (await client.answer(b"TCP4 203.0.113.9 192.0.2.1 1 2", b"PROXY")).startswith(b"PROXY BAD ")
    assert await client.login("nobody@example.test", MAIN) == b"a " + REFUSAL
    assert site.logins()[0]["address"] == "192.0.2.7"
