"""A protocol that is off for all but one, and refusals without a hint."""

import pytest

from tests.gateway.site import GOOD, MAIN

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = f"""
[policy]
refusal_hint = "none"
protocols_off = ["imap"]
[[policy.override]]
users = ["{GOOD}"]
refuse = false
[limits]
refusal_seconds = 0.05
"""


@pytest.mark.parametrize("mfa", ["disabled", "enabled", "enforced"])
async def test_a_protocol_that_is_off_lets_nobody_in(site, mfa):
    user = site.people.add(f"{mfa}@example.test", mfa)
    for password in (site.people.give(user).secret, MAIN):
        told = await site.login(user, password)
        assert told == b"NO [AUTHENTICATIONFAILED] Wrong user name or password\r\n"
    assert {(one["verdict"], one["reason"]) for one in site.logins()} == {("refused", "protocol-off")}
    assert not any(one.logins for one in site.backend.connections)


async def test_who_is_excepted_gets_in(site):
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")


async def test_without_a_hint_an_unknown_user_and_a_wrong_password_read_the_same(site):
    answers = {await site.login(who, MAIN) for who in ("nobody@example.test", GOOD)}
    assert answers == {b"NO [AUTHENTICATIONFAILED] Wrong user name or password\r\n"}
