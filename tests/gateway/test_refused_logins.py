"""Which devices were refused, and why: noted for known users, with the app password that it was."""

import asyncio

import pytest

from store.refused_logins import list_refused
from tests.gateway.site import MAIN, QUICK, REFUSAL

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = (
    QUICK
    + """
[throttle]
failures_per_user_and_source = 3
[[policy.override]]
domains = ["observed.test"]
observe = true
"""
)


async def noted(site, login, times):
    """What is noted of the user, once that many refusals are in the store."""
    async with asyncio.timeout(20):
        while True:
            found = await asyncio.to_thread(list_refused, site.people.database, login)
            if sum(one.times.count for one in found) >= times:
                return found
            await asyncio.sleep(0.2)


async def test_a_deleted_app_password_in_an_old_phone_is_found_by_name(site):
    user = site.people.add("old-phone@example.test", "enforced")
    given = site.people.give(user, "old phone", deleted=True)
    assert await site.login(user, given.secret, source="127.0.0.7") == REFUSAL
    assert await site.login(user, given.secret, source="127.0.0.7") == REFUSAL
    [line, _] = site.logins()
    assert (line["app_password"], line["app_password_id"]) == ("old phone", given.id)
    [one] = await noted(site, user, 2)
    assert (one.device.reason, one.app_password, one.times.count) == ("deleted", "old phone", 2)
    assert (one.device.protocol, one.device.address) == ("imap", "127.0.0.7")


async def test_the_main_password_where_an_app_password_is_needed(site):
    user = site.people.add("main@example.test", "enforced")
    assert await site.login(user, MAIN) == REFUSAL
    [one] = await noted(site, user, 1)
    assert (one.device.reason, one.app_password) == ("app-password-required", None)


async def test_a_main_password_that_the_backend_refused(site):
    user = site.people.add("guessed@example.test")
    site.backend.passwords = {user: MAIN}
    assert await site.login(user, "guess") == REFUSAL
    [one] = await noted(site, user, 1)
    assert one.device.reason == "backend-refused"


async def test_a_source_that_failed_too_often(site):
    user = site.people.add("locked-out@example.test", "enforced")
    for number in range(5):
        await site.login(user, f"guess {number}", source="127.0.0.8")
    found = {one.device.reason: one.times.count for one in await noted(site, user, 5)}
    assert found == {"app-password-required": 3, "too-many-failures": 2}


async def test_who_would_be_refused_is_known_before_anybody_enforces(site):
    user = site.people.add("tried@observed.test", "enforced")
    assert (await site.login(user, MAIN)).startswith(b"OK ")
    [one] = await noted(site, user, 1)
    assert one.device.reason == "observed"
    [told] = site.gateway.json("refused", "--reason", "observed")
    assert (told["login"], told["count"]) == (user, 1)
    said = site.gateway.run("refused", user).stdout
    assert "gets in with the main password, and would be refused if it were enforced" in said


async def test_logins_that_succeed_and_unknown_names_leave_nothing(site):
    user = site.people.add("fine@example.test", "enforced")
    given = site.people.give(user)
    assert (await site.login(user, given.secret)).startswith(b"OK ")
    assert await site.login("nobody@example.test", MAIN) == REFUSAL
    marker = site.people.add("marker@example.test", "enforced")
    await site.login(marker, MAIN)
    await noted(site, marker, 1)
    logins = {one.login for one in list_refused(site.people.database, limit=1000)}
    assert not logins & {user, "nobody@example.test"}


async def test_no_secret_is_noted(site):
    user = site.people.add("secretive@example.test", "enforced")
    secret = site.people.wrong_guess(user)
    await site.login(user, secret)
    await noted(site, user, 1)
    said = site.gateway.run("refused", "--json").stdout
    assert secret not in said
    assert MAIN not in said
