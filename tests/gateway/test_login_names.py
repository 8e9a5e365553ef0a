"""However a user's name is spelt, it is one user; and the backend sees what it should."""

import base64
import string

import pytest

from tests.gateway.site import BACKEND_SECRET, MAIN, QUICK, REFUSAL
from tests.servers.script import Reply, Then
from tests.servers.speeches import Login

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = (
    QUICK
    + """
[login]
default_domain = "example.test"
domains = { CORP = "corp.test" }
"""
)
ANY_LETTERS = string.printable.strip()


def what_the_backend_saw(site):
    return [login for connection in site.backend.connections for login in connection.logins]


@pytest.mark.parametrize(
    "spelt",
    [
        "good@example.test",
        "GOOD@Example.TEST",
        "good",
        "Good",
        "  good@example.test ",
        "\u00a0good@example.test\u00a0",
    ],
)
async def test_one_user_however_the_name_is_spelt(site, spelt):
    assert (await site.login(spelt, site.good.secret)).startswith(b"OK ")
    [line] = site.logins()
    assert (line["user"], line["verdict"]) == ("good@example.test", "admitted")
    assert what_the_backend_saw(site) == [Login("good@example.test", BACKEND_SECRET)]


@pytest.fixture(scope="module")
def cora(standing_site):
    login = standing_site.people.add("cora@corp.test", "enforced", aliases=["boss@example.test"])
    return login, standing_site.people.give(login).secret


@pytest.mark.parametrize("spelt", ["CORP\\cora", "corp\\Cora", "CORP/cora", "boss", "BOSS@example.test"])
async def test_domain_names_and_aliases_lead_to_the_one_account(site, cora, spelt):
    login, secret = cora
    assert (await site.login(spelt, secret)).startswith(b"OK ")
    assert what_the_backend_saw(site) == [Login(login, BACKEND_SECRET)]
    [line] = site.logins()
    assert line["user"] == login


async def test_an_unquoted_domain_and_user_is_understood(site, cora):
    client = await site.connect()
    answer = await client.answer(b"LOGIN CORP\\cora " + cora[1].encode())
    assert answer.startswith(b"a OK ")


async def test_an_alias_gives_no_way_around_the_state_of_the_account(site, cora):
    assert await site.login("boss@example.test", MAIN) == REFUSAL
    assert site.backend.connections == []


@pytest.mark.parametrize(
    "spelt",
    [
        "good*admin",
        "CORP\\good\\admin",
        "OTHER\\good",
        "good@example.test@evil.test",
        "\uff47ood",
        "go\u200bod",
    ],
)
async def test_a_delegated_or_disguised_name_is_nobody(site, spelt):
    assert await site.login(spelt, site.good.secret) == REFUSAL
    assert site.backend.connections == []


async def test_the_backends_own_login_name_is_used_for_an_admitted_user(site):
    user = site.people.add("mapped@example.test", "enforced", backend_login="m.apped")
    assert (await site.login(user, site.people.give(user).secret)).startswith(b"OK ")
    assert what_the_backend_saw(site) == [Login("m.apped", BACKEND_SECRET)]


@pytest.mark.parametrize(
    ("name", "password"),
    [
        (b"Dora@Example.Test", b" pass word  "),
        (b"DORA", "p\u00e4ssw\u00f6rt \u20ac".encode()),
        (b"dora", b"latin-1 p\xe4ss\xff"),
        (b"dora", ANY_LETTERS.encode()),
        (b"dora", b'quote " backslash \\ {3} {3+} %s $(x) `x`'),
        (b"dora", b"x" * 1024),
    ],
)
@pytest.mark.parametrize("way", ["PLAIN", "LOGIN"])
async def test_a_passed_through_login_arrives_unchanged(site, dora, name, password, way):
    if way == "LOGIN":
        site.backend.capability = "IMAP4rev1"
    for verb in ("AUTHENTICATE", "LOGIN"):
        site.backend.script[verb] = Reply(b"{tag} OK in\r\n", Then.LOGGED_IN)
    client = await site.connect()
    message = base64.b64encode(b"\0" + name + b"\0" + password)
    assert (await client.answer(b"AUTHENTICATE PLAIN " + message)).startswith(b"a OK ")
    [connection] = site.backend.connections
    if way == "PLAIN":
        assert b"AUTHENTICATE PLAIN " + message + b"\r\n" in connection.received
    else:
        [login] = [command for command in connection.commands if command.verb == "LOGIN"]
        assert login.arguments == (name, password)


@pytest.fixture(scope="module")
def dora(standing_site):
    return standing_site.people.add("dora@example.test", "disabled")
