"""A closed network, whose refusals say which one it was, and whose backend knows users that we don't."""

import pytest

from tests.gateway.site import MAIN, PORTAL
from tests.servers.speeches import Login

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = f"""
[policy]
portal_url = "{PORTAL}"
refusal_hint = "specific"
unknown_users = "pass"
unknown_domains = ["example.test"]
[[policy.override]]
domains = ["off.test"]
refuse = true
[limits]
refusal_seconds = 0.05
"""
USE = f". Use an app password: {PORTAL}\r\n".encode()
REJECTED = b"NO [AUTHENTICATIONFAILED] "


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"deleted": True}, REJECTED + b"This app password was deleted"),
        ({"expired": True}, b"NO [EXPIRED] This app password has expired"),
        ({"scopes": ("pop3",)}, b"NO [AUTHORIZATIONFAILED] This app password is not for this protocol"),
        (
            {"networks": ("192.0.2.0/24",)},
            b"NO [AUTHORIZATIONFAILED] This app password is not for this network",
        ),
    ],
    ids=["deleted", "expired", "protocol", "network"],
)
async def test_a_refused_app_password_is_told_why(site, given, answer):
    user = site.people.add(f"{'-'.join(given)}@example.test", "enforced")
    assert await site.login(user, site.people.give(user, **given).secret) == answer + USE


async def test_an_enforced_user_is_told_to_use_an_app_password(site):
    user = site.people.add("enforced@example.test", "enforced")
    told = REJECTED + b"Two-step verification is enforced and no app password matched" + USE
    assert await site.login(user, MAIN) == told


async def test_a_blocked_user_is_told_to_ask_the_administrator(site):
    user = site.people.add("blocked@example.test", "enforced", blocked=True)
    assert await site.login(user, MAIN) == b"NO [CONTACTADMIN] The user is blocked" + USE


async def test_a_protocol_that_is_off_is_told(site):
    user = site.people.add("someone@off.test", "disabled")
    told = b"NO [AUTHORIZATIONFAILED] This protocol is switched off for the user" + USE
    assert await site.login(user, MAIN) == told


async def test_a_wrong_main_password_is_told(site):
    user = site.people.add("dora@example.test", "disabled")
    site.backend.passwords = {}
    assert await site.login(user, MAIN) == REJECTED + b"The backend refused the main password" + USE


async def test_an_unknown_user_is_passed_to_the_backend_that_may_know_it(site):
    for password in (MAIN, "abcdefghijklmnop"):
        assert (await site.login("Stranger@example.test", password)).startswith(b"OK ")
    assert [login for one in site.backend.connections for login in one.logins] == [
        Login("Stranger@example.test", MAIN),
        Login("Stranger@example.test", "abcdefghijklmnop"),
    ]
    assert {(one["verdict"], one["reason"]) for one in site.logins()} == {("passed-through", "unknown user")}


async def test_an_unknown_user_that_the_backend_refuses_is_refused(site):
    site.backend.passwords = {}
    assert (await site.login("nobody@example.test", MAIN)).startswith(REJECTED)
