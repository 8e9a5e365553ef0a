"""CACHE-01 to 03: what one node is told to take away, all nodes refuse, and live sessions elsewhere end."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from store import app_passwords, users
from store.hashing import Argon2
from store.pepper import load_pepper
from tests.gateway.cluster.doors import (
    MAIN_WORD,
    entered,
    is_closed,
    is_let_in_everywhere,
    is_refused_everywhere,
    somebody,
)
from tests.gateway.dialects import DIALECTS
from tests.gateway.ldap import ber
from tests.gateway.ldap.wire import Wire
from tests.gateway.site import MAIN
from tests.revocation.kinds import Right
from tests.revocation.visits import Stay
from tests.servers.directory import person_dn

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

BIG = 24 << 20  # octets of a message: more than all buffers on the way take
FOR_GOOD = "000001010000Z"  # draft-behera-ldap-password-policy-10, section 5.3.3: locked by an administrator


async def command(cluster, *words):
    """By the first node; the sessions that it ends are at the others."""
    await asyncio.to_thread(cluster.nodes[0].gateway.run, *words)


async def staying(cluster, right, protocol="imap"):
    """One session at each node but the first."""
    return [await Stay.begin(node, right, protocol) for node in cluster.nodes[1:]]


async def test_cache_01_a_deleted_app_password_is_refused_on_every_node(cluster):
    right, other = await somebody(cluster.people), await somebody(cluster.people)
    await is_let_in_everywhere(cluster, right)
    await command(cluster, "app-password", "delete", right.login, right.app_password)
    await is_refused_everywhere(cluster, right)
    await is_let_in_everywhere(cluster, other)


@pytest.mark.parametrize("protocol", ["imap", "smtp", "pop3", "sieve"])
async def test_cache_02_a_live_session_on_another_node_is_cut(cluster, protocol):
    """IMAP in IDLE, SMTP in the middle of DATA, POP3 in a transaction, Sieve in the middle of a script."""
    right, other = await somebody(cluster.people), await somebody(cluster.people)
    dialect, backend = DIALECTS[protocol], cluster.backends[protocol]
    backend.connections.clear()
    stays = await staying(cluster, right, protocol)
    async with entered(cluster.nodes[1], other, protocol) as lasting:
        await command(cluster, "app-password", "delete", right.login, right.app_password)
        for stay in stays:
            await is_closed(stay)
        for connection in backend.connections[: len(stays)]:
            await connection.until_closed()
            assert b"\r\n.\r\n" not in connection.received
        await lasting.send(dialect.noop)
        assert await lasting.line() == dialect.done


async def test_cache_02_smtp_before_the_final_dot_delivers_nothing(cluster):
    """The dot comes after the cut: it reaches nobody."""
    right = await somebody(cluster.people)
    backend = cluster.backends["smtp"]
    backend.connections.clear()
    async with entered(cluster.nodes[2], right, "smtp") as client:
        await client.send(b"MAIL FROM:<x@example.test>\r\nRCPT TO:<y@example.test>\r\nDATA\r\n")
        await client.until_line(b"354 ")
        await client.send(b"Subject: half\r\n\r\nhalf")
        [connection] = backend.connections
        await connection.until(b"\r\n\r\nhalf")
        await command(cluster, "user", "block", right.login)
        await connection.until_closed()
        await client.send(b"\r\n.\r\n")
        assert await client.rest() == b""
    assert b"\r\n.\r\n" not in connection.received
    assert not [one for one in connection.commands if one.verb == "DATA"]


async def test_cache_02_imap_in_the_middle_of_a_fetch(cluster):
    right = await somebody(cluster.people)
    async with entered(cluster.nodes[1], right, "imap") as client:
        await client.send(b"f FETCH %d BODY.PEEK[]\r\n" % BIG)
        assert b"{" in await client.line()
        await command(cluster, "app-password", "delete", right.login, right.app_password)
        assert len(await client.rest()) < BIG


async def test_cache_02_a_bound_ldap_connection(cluster):
    login = await asyncio.to_thread(cluster.people.add, "bound@example.test", "enforced")
    given = await asyncio.to_thread(cluster.people.give, login)
    gateway = cluster.nodes[2].gateway
    with Wire(gateway.ports["ldaps"], gateway.client_context()) as wire:
        assert wire.bind(person_dn("bound"), given.secret) == (0, "")
        assert wire.who_am_i() == f"dn:{person_dn('bound')}"
        await command(cluster, "app-password", "delete", login, given.id)
        [notice] = await asyncio.to_thread(wire.rest)
        assert (notice.number, notice.code, notice.name) == (0, 52, ber.NOTICE_OF_DISCONNECTION)


WAYS = {
    "delete": "app-password delete {login} {id}",
    "delete-all": "app-password delete-all {login}",
    "block": "user block {login}",
    "user-delete": "user delete {login} --yes",
}


@pytest.mark.parametrize("way", WAYS)
async def test_cache_03_whichever_way_an_app_password_is_taken_away(cluster, way):
    right = await somebody(cluster.people)
    stays = await staying(cluster, right)
    await command(cluster, *WAYS[way].format(login=right.login, id=right.app_password).split())
    for stay in stays:
        await is_closed(stay)
    await is_refused_everywhere(cluster, right)


async def test_cache_03_a_change_of_the_mfa_state_ends_what_the_main_password_let_in(cluster):
    right = await somebody(cluster.people, "disabled")
    main = Right(right.login, MAIN_WORD)
    stays, lasting = await staying(cluster, main), await staying(cluster, right)
    await command(cluster, "user", "set-mfa", right.login, "enforced")
    for stay in stays:
        await is_closed(stay)
    await is_refused_everywhere(cluster, main)
    await is_let_in_everywhere(cluster, right)
    for stay in lasting:
        assert not stay.is_over
        stay.end()


async def test_cache_03_an_app_password_that_expires(cluster):
    login = (await somebody(cluster.people)).login
    right = await asyncio.to_thread(expiring, cluster, login, datetime.now(UTC) + timedelta(seconds=2))
    stays = await staying(cluster, right)
    for stay in stays:
        await is_closed(stay)
    await is_refused_everywhere(cluster, right)


def expiring(cluster, login, end):
    """Sooner than the command line allows."""
    database, pepper = cluster.people.database, load_pepper(cluster.nodes[0].gateway.folder / "pepper")
    owner, scopes = users.find(database, login), ["imap"]
    made, secret = app_passwords.create(
        database, pepper, Argon2(8, 1, 1), owner.id, "x", scopes, expires_at=end, limit=40, actor="test"
    )
    return Right(login, secret, made.id)


async def test_cache_03_who_is_disabled_in_the_directory(cluster, cluster_slapd):
    await command(cluster, "directory", "sync")
    given = await asyncio.to_thread(cluster.people.give, "gone@example.test")
    right, main = Right("gone@example.test", given.secret, given.id), Right("gone@example.test", MAIN)
    stays = [*await staying(cluster, right), *await staying(cluster, main)]
    cluster_slapd.modify(person_dn("gone"), {"pwdAccountLockedTime": [FOR_GOOD]})
    await command(cluster, "directory", "sync")
    for stay in stays:
        await is_closed(stay)
    for one in (right, main):
        await is_refused_everywhere(cluster, one)
