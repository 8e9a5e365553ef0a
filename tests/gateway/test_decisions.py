"""The decision table over the wire, in each protocol: every MFA state times every kind of credential."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.gateway.dialects import PROTOCOLS
from tests.gateway.people import EVERY_PROTOCOL
from tests.gateway.site import BACKEND_SECRET, MAIN
from tests.servers.speeches import Login

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.parametrize("standing_site", PROTOCOLS, indirect=True),
]

WRONG = "not the main password"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class State:
    mfa: str
    passes: bool
    remark: str = ""
    grace: timedelta | None = None


STATES = {
    "disabled": State("disabled", passes=True),
    "enabled": State("enabled", passes=True, remark="not registered yet"),
    "in-grace": State("enabled", passes=True, remark="not registered yet", grace=DAY),
    "past-grace": State("enabled", passes=False, grace=-DAY),
    "enforced": State("enforced", passes=False),
}
APP_PASSWORDS = {
    "deleted": {"deleted": True},
    "expired": {"expired": True},
    "protocol-out-of-scope": {"scopes": "all but that of the login"},
    "network-out-of-scope": {"networks": ("192.0.2.0/24", "2001:db8::/32")},
}
state_of_all = pytest.mark.parametrize("name", STATES)


@pytest.fixture
def person(site, name):
    """A new user in that state."""
    state = STATES[name]
    grace = datetime.now(UTC) + state.grace if state.grace else None
    return site.people.add(new_login(), state.mfa, grace_until=grace)


def new_login():
    return f"{uuid.uuid4().hex}@example.test"


def spent(site, fault):
    elsewhere = [protocol for protocol in EVERY_PROTOCOL if protocol != site.dialect.protocol]
    return {"scopes": elsewhere} if fault == "protocol-out-of-scope" else APP_PASSWORDS[fault]


async def assert_admitted(site, user, password):
    assert (await site.told(user, password)).startswith(site.dialect.accepted)


async def assert_refused(site, user, password):
    assert await site.told(user, password) == site.dialect.refused


def only_login(site):
    [line] = site.logins()
    return line["user"], line["verdict"], line["reason"]


def what_the_backend_saw(site):
    return [login for connection in site.backend.connections for login in connection.logins]


@state_of_all
async def test_a_right_app_password_is_admitted(site, person, name):
    given = site.people.give(person, "Outlook 2010")
    await assert_admitted(site, person, given.secret)
    assert only_login(site) == (person, "admitted", "")
    assert what_the_backend_saw(site) == [Login(person, BACKEND_SECRET)]
    [line] = site.logins()
    assert line["protocol"] == site.dialect.protocol
    assert (line["app_password"], line["app_password_id"]) == ("Outlook 2010", given.id)


@state_of_all
@pytest.mark.parametrize("fault", APP_PASSWORDS)
async def test_a_spent_or_misplaced_app_password_is_refused_and_never_shown_to_the_backend(
    site, person, name, fault
):
    given = site.people.give(person, **spent(site, fault))
    await assert_refused(site, person, given.secret)
    assert only_login(site) == (person, "refused", fault)
    assert site.backend.connections == []


@state_of_all
async def test_the_right_main_password(site, person, name):
    site.backend.passwords = {person: MAIN}
    site.people.give(person)
    answer = await site.told(person, MAIN)
    if STATES[name].passes:
        assert answer.startswith(site.dialect.accepted)
        assert only_login(site) == (person, "passed-through", STATES[name].remark)
        assert what_the_backend_saw(site) == [Login(person, MAIN)]
    else:
        assert answer == site.dialect.refused
        assert only_login(site) == (person, "refused", "app-password-required")
        assert site.backend.connections == []


@state_of_all
@pytest.mark.parametrize("wrong", [WRONG, "abcd efgh ijkl mnop"], ids=["words", "shape-of-app-password"])
async def test_a_wrong_password_is_judged_by_the_backend_or_by_nobody(site, person, name, wrong):
    site.backend.passwords = {person: MAIN}
    site.people.give(person)
    await assert_refused(site, person, wrong)
    if STATES[name].passes:
        assert only_login(site) == (person, "refused", "backend-refused")
        assert what_the_backend_saw(site) == [Login(person, wrong)]
    else:
        assert only_login(site) == (person, "refused", "app-password-required")
        assert site.backend.connections == []


@state_of_all
@pytest.mark.parametrize("kind", ["app password", "main password"])
async def test_a_blocked_user_is_refused_whatever_the_password(site, person, name, kind):
    given = site.people.give(person)
    site.people.block(person)
    await assert_refused(site, person, given.secret if kind == "app password" else MAIN)
    assert only_login(site) == (person, "refused", "blocked")
    assert site.backend.connections == []


@pytest.mark.parametrize("password", [MAIN, "abcdefghijklmnop"])
async def test_an_unknown_user_is_refused(site, password):
    await assert_refused(site, "nobody@example.test", password)
    assert only_login(site) == ("nobody@example.test", "refused", "unknown-user")
    assert site.backend.connections == []


@pytest.mark.parametrize(
    "spelt",
    ["{0} {1} {2} {3}", "{0}-{1}-{2}-{3}", " {0}{1}{2}{3} ", "{0}\u00a0{1}\u200b{2}{3}"],
)
async def test_an_app_password_counts_however_it_was_pasted(site, spelt):
    secret = site.good.secret
    groups = [secret[at : at + 4] for at in range(0, 16, 4)]
    for word in (spelt.format(*groups), spelt.format(*groups).upper()):
        await assert_admitted(site, "good@example.test", word.encode())


async def test_an_app_password_of_somebody_else_is_no_app_password(site):
    other = site.people.add("other@example.test", "enforced")
    site.people.give(other)
    await assert_refused(site, other, site.good.secret)
    assert only_login(site) == (other, "refused", "app-password-required")
    assert site.backend.connections == []


async def test_one_letter_off_is_a_wrong_guess(site):
    secret = site.good.secret
    last = "a" if secret[-1] != "a" else "b"
    for near in (secret[:-1] + last, secret[:-1], secret + "a"):
        await assert_refused(site, "good@example.test", near)
    assert site.backend.connections == []


async def test_after_a_refusal_the_same_connection_may_try_again(site):
    client = await site.connect()
    await client.send(site.dialect.login("nobody@example.test", MAIN))
    assert await client.line() == site.dialect.refused
    await client.send(site.dialect.login("good@example.test", site.good.secret))
    assert (await client.line()).startswith(site.dialect.accepted)
    assert [line["verdict"] for line in site.logins()] == ["refused", "admitted"]


async def test_the_third_refusal_ends_the_connection(site):
    client = await site.connect()
    for _ in range(3):
        await client.send(site.dialect.login("nobody@example.test", MAIN))
        assert await client.line() == site.dialect.refused
    assert b"OK" not in await client.rest()
