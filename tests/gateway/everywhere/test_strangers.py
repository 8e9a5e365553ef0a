"""DOS-13 to DOS-16: strangers have few places, each source and all together; the oldest make room."""

import asyncio

import pytest

from tests.gateway.site import GOOD, PORTAL

pytestmark = pytest.mark.asyncio(loop_scope="module")

OF_A_SOURCE, IN_ALL = 4, 12
BALANCER = "127.0.0.9"
SETTINGS = f"""
[policy]
portal_url = "{PORTAL}"
[limits]
refusal_seconds = 0.05
strangers = {IN_ALL}
strangers_per_source = {OF_A_SOURCE}
[throttle]
exempt = ["127.0.0.100/32"]
[[listener]]
protocol = "{{protocol}}"
name = "proxied"
address = "127.0.0.1:{{third}}"
tls = "implicit"
proxy_from = ["{BALANCER}"]
"""
HELLO = b"\x16"  # the first byte of a handshake that doesn't go on


async def alive(site, client):
    await client.send(site.dialect.capabilities)
    await client.until_line(site.dialect.listed)


async def proxied(site, header):
    return await site.connect("third", source=BALANCER, tls=site.gateway.client_context(), first=header)


@pytest.fixture
async def empty(site):
    """The site, once all strangers of the test before have left."""
    await site.until_status(not_logged_in=0)
    return site


async def test_dos_13_the_oldest_stranger_of_a_source_makes_room_and_nobody_elsewhere(empty):
    elsewhere = await empty.connect(source="127.0.0.3")
    first, *others = [await empty.connect(source="127.0.0.2") for _ in range(OF_A_SOURCE)]
    newest = await empty.connect(source="127.0.0.2")
    assert await first.rest() == b""
    for client in (elsewhere, *others, newest):
        await alive(empty, client)


async def test_dos_13_a_client_at_an_attackers_address_still_gets_in(empty):
    for _ in range(10):
        await asyncio.gather(
            *(empty.connect(source="127.0.0.2", greeted=False, first=HELLO) for _ in range(10))
        )
        answer = await empty.told(GOOD, empty.good.secret, source="127.0.0.2")
        assert answer.startswith(empty.dialect.accepted)


async def test_dos_13_who_has_logged_in_is_no_stranger(empty):
    clients = [await empty.logged_in() for _ in range(OF_A_SOURCE + 2)]
    strangers = [await empty.connect() for _ in range(OF_A_SOURCE + 1)]
    assert await strangers[0].rest() == b""
    for client in clients:
        await client.send(empty.dialect.noop)
        assert await client.line() == empty.dialect.done


async def test_dos_13_servers_of_many_users_have_no_limit_of_their_own(empty):
    clients = [await empty.connect(source="127.0.0.100") for _ in range(IN_ALL)]
    for client in clients:
        await alive(empty, client)


async def test_dos_14_of_strangers_from_everywhere_the_oldest_makes_room(empty):
    clients = [await empty.connect(source=f"127.0.1.{number}") for number in range(IN_ALL)]
    newest = await empty.connect(source="127.0.2.1")
    assert await clients[0].rest() == b""
    for client in (*clients[1:], newest):
        await alive(empty, client)
    assert empty.status()["not_logged_in"] == IN_ALL


async def test_dos_15_a_handshake_that_does_not_go_on_counts_at_all_listeners(empty):
    async def silent():
        return await empty.connect(source="127.0.0.2", greeted=False, first=HELLO)

    clients = [await silent() for _ in range(OF_A_SOURCE)]
    await empty.until_status(not_logged_in=OF_A_SOURCE)
    in_clear = await empty.connect(empty.dialect.protocol, source="127.0.0.2")
    assert await clients[0].rest() == b""
    for client in clients[1:]:
        await silent()
        assert await client.rest() == b""
    await silent()
    await in_clear.rest()
    await empty.until_status(not_logged_in=OF_A_SOURCE)


async def test_dos_16_a_load_balancers_own_address_is_no_source(empty):
    addresses = [f"192.0.2.{number}" for number in range(OF_A_SOURCE + 2)]
    clients = [await proxied(empty, header(address)) for address in addresses]
    for _ in range(IN_ALL - len(clients)):
        await empty.connect("third", source=BALANCER, greeted=False, first=b"P")
    await empty.until_status(not_logged_in=IN_ALL)
    for client in clients:
        await alive(empty, client)


@pytest.mark.parametrize(
    "addresses", [["192.0.2.7"], [f"2001:db8:0:1::{number:x}" for number in range(1, 7)]]
)
async def test_dos_16_behind_it_the_clients_own_source_counts(empty, addresses):
    elsewhere = await proxied(empty, header("2001:db8:0:2::1"))
    clients = [
        await proxied(empty, header(addresses[number % len(addresses)])) for number in range(OF_A_SOURCE + 1)
    ]
    assert await clients[0].rest() == b""
    for client in (elsewhere, *clients[1:]):
        await alive(empty, client)


def header(address):
    kind, there = ("TCP6", "2001:db8::1") if ":" in address else ("TCP4", "192.0.2.1")
    return f"PROXY {kind} {address} {there} 47110 993\r\n".encode()
