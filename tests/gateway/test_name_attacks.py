"""A name that the store doesn't know, where unknown users pass, never leads to a user that it knows."""

import asyncio
import re

import pytest

from store import users
from tests.gateway.site import GOOD, MAIN, QUICK, REFUSAL, UNAVAILABLE
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = (
    QUICK.replace("[limits]", 'unknown_users = "pass"\nunknown_domains = ["example.test"]\n[limits]')
    + """
[[backend]]
protocol = "{protocol}"
address = "127.0.0.1:{port}"
tls = "none"
login = "master-separator"
separator = "%"
master_user = "gate"
master_password_file = "secret"
"""
)


class Thinking:
    """A login of an unknown name at a backend that has not answered yet."""

    def __init__(self, site, name):
        self._site, self._name = site, name

    async def __aenter__(self):
        self._site.backend.script["AUTHENTICATE"] = Reply(then=Then.SILENCE)
        self.client = await self._site.connect()
        await self.client.send(f'a LOGIN "{self._name}" "{MAIN}"\r\n'.encode())
        self._connection = await self._asked()
        return self

    async def __aexit__(self, *_):
        self.client.abort()

    async def _asked(self):
        """The connection of the login: before it, the gateway may look whether the backend is there."""
        connection, count = await self._site.backend.connected(), 1
        while not await connection.is_asked(b" AUTHENTICATE "):
            count += 1
            connection = await self._site.backend.connected(count)
        return connection

    async def says_yes(self):
        """The backend does, and the client hears what comes of it."""
        tag = re.findall(rb"(\S+) AUTHENTICATE ", self._connection.received)[-1]
        await self._connection.send(tag + b" OK Logged in.\r\n")
        return (await self.client.line()).removeprefix(b"a ")


async def catch_up(site):
    """The gateway has heard of every change, as it looks at the feed where an app password may be new."""
    assert await site.login(GOOD, site.people.wrong_guess(GOOD)) == REFUSAL


async def live(site, name):
    """A session of an unknown name."""
    client = await site.connect()
    assert (await client.login(name, MAIN)).startswith(b"a OK ")
    return client


async def is_cut(client):
    async with asyncio.timeout(20):
        return await client.rest() == b""


@pytest.fixture
def added(site):
    """Adds a user who is gone after the test."""
    logins = []

    def add(login, mfa="enforced", **more):
        logins.append(site.people.add(login, mfa, **more))
        return login

    yield add
    for login in logins:
        users.delete(site.people.database, login, actor="test")


@pytest.mark.parametrize("followed", [True, False], ids=["the-feed-was-read", "the-feed-was-not-read"])
@pytest.mark.parametrize(
    ("login", "aliases"),
    [
        ("new@example.test", ()),
        ("other@example.test", ("new@example.test",)),
        ("n.e.w@example.test", ()),
    ],
    ids=["login", "alias", "lookalike"],
)
async def test_name_01_a_user_added_while_the_backend_thinks_is_not_let_in(
    site, added, login, aliases, followed
):
    async with Thinking(site, "new@example.test") as thinking:
        added(login, aliases=aliases)
        if followed:
            await catch_up(site)
        assert await thinking.says_yes() == UNAVAILABLE
    assert site.sessions() == []


@pytest.mark.parametrize("state", ["enforced", "disabled"])
async def test_name_02_a_block_right_after_ends_a_session_that_was_let_in_as_unknown(site, added, state):
    client = await live(site, "new@example.test")
    login = added("new@example.test", state)
    site.people.block(login)
    assert await is_cut(client)


async def test_name_03_every_change_of_a_user_is_held_against_sessions_of_unknown_names(site, added):
    """Not only of those that add a user: a name comes to a user by whatever changes one."""
    login = added("first@example.test")
    await catch_up(site)
    client = await live(site, "second@example.test")
    with site.people.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE names SET name = 'second@example.test', skeleton = 'second' WHERE name = ?", (login,)
        )
    try:
        users.set_blocked(site.people.database, "second@example.test", False, actor="test")
        assert await is_cut(client)
    finally:
        users.delete(site.people.database, "second@example.test", actor="test")


@pytest.mark.parametrize("known", ["n.e.w@example.test", "new+x@example.test", "néw@example.test", "new"])
async def test_name_04_a_session_of_a_name_that_looks_like_a_new_users_is_cut(site, added, known):
    client = await live(site, "new@example.test")
    added(known, "disabled")
    assert await is_cut(client)
    assert await site.login("new@example.test", MAIN) == REFUSAL


async def test_name_05_a_deleted_users_session_is_cut_and_is_not_the_next_users_of_that_name(site, added):
    login = site.people.add("new@example.test", "disabled")
    await catch_up(site)
    client = await live(site, login)
    users.delete(site.people.database, login, actor="test")
    added(login, "enforced")
    assert await is_cut(client)
    assert await site.login(login, MAIN) == REFUSAL


@pytest.mark.parametrize(
    "name",
    [
        "good@example.test%gate",
        "good%gate",
        "good%gate@example.test",
        "new@example.test%other",
        "%gate",
        "good@example.test%GATE",
        "gate@example.test",
        "g.a.t.e+x@example.test",
    ],
)
async def test_name_06_no_name_leads_to_a_master_users_login(site, name):
    assert await site.login(name, "backend-secret") == REFUSAL
    assert site.backend.connections == []


async def test_an_unknown_name_in_a_listed_domain_passes(site):
    client = await live(site, "New.Person-1_x+tag@Example.Test")
    [line] = site.logins()
    assert (line["verdict"], line["reason"]) == ("passed-through", "unknown user")
    client.abort()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("new@elsewhere.test", "not-in-unknown-domains"),
        ("new", "not-in-unknown-domains"),
        ("new!x@example.test", "odd-name"),
        ("néw@example.test", "odd-name"),
        ("  new@example.test", "odd-name"),
        ("go.od@example.test", "lookalike"),
    ],
)
async def test_name_07_the_log_says_why_an_unknown_name_does_not_pass(site, name, reason):
    assert await site.login(name, MAIN) == REFUSAL
    [line] = site.logins()
    assert (line["verdict"], line["reason"]) == ("refused", reason)
