"""Policy over the wire: for some users, domains and protocols the decision is another one."""

import pytest

from tests.gateway.site import BACKEND_SECRET, MAIN, QUICK, REFUSAL
from tests.servers.speeches import Login

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = (
    QUICK
    + """
[[policy.override]]
domains = ["trusting.test"]
trusted_networks = ["127.0.0.2/32", "192.0.2.0/24"]
[[policy.override]]
domains = ["observed.test"]
observe = true
[[policy.override]]
domains = ["denied.test"]
app_passwords = "denied"
[[policy.override]]
domains = ["frozen.test"]
app_passwords = "no-new"
[[policy.override]]
domains = ["off.test"]
protocols = ["imap"]
refuse = true
[[policy.override]]
users = ["on@off.test"]
refuse = false
[[policy.override]]
domains = ["nopop.test"]
protocols = ["pop3"]
refuse = true
"""
)


def only_login(site):
    [line] = site.logins()
    return line["verdict"], line["reason"]


def what_the_backend_saw(site):
    return [login for connection in site.backend.connections for login in connection.logins]


async def test_a_trusted_network_may_use_the_main_password(site):
    user = site.people.add("scanner@trusting.test", "enforced")
    assert (await site.login(user, MAIN, source="127.0.0.2")).startswith(b"OK ")
    assert only_login(site) == ("passed-through", "trusted network")
    assert what_the_backend_saw(site) == [Login(user, MAIN)]


async def test_any_other_network_may_not(site):
    user = site.people.add("elsewhere@trusting.test", "enforced")
    assert await site.login(user, MAIN, source="127.0.0.3") == REFUSAL
    assert only_login(site) == ("refused", "app-password-required")
    assert site.backend.connections == []


async def test_who_has_an_app_password_is_trusted_nowhere(site):
    user = site.people.add("careful@trusting.test", "enforced")
    given = site.people.give(user)
    assert await site.login(user, MAIN, source="127.0.0.2") == REFUSAL
    assert site.backend.connections == []
    assert (await site.login(user, given.secret, source="127.0.0.2")).startswith(b"OK ")


@pytest.mark.parametrize("fault", [{"deleted": True}, {"expired": True}])
async def test_a_spent_app_password_does_not_end_the_trust(site, fault):
    user = site.people.add(f"{'-'.join(fault)}@trusting.test", "enforced")
    given = site.people.give(user, **fault)
    assert (await site.login(user, MAIN, source="127.0.0.2")).startswith(b"OK ")
    assert await site.login(user, given.secret, source="127.0.0.2") == REFUSAL
    assert what_the_backend_saw(site) == [Login(user, MAIN)]


async def test_trust_is_no_password(site):
    user = site.people.add("guessed@trusting.test", "enforced")
    site.backend.passwords = {user: MAIN}
    assert await site.login(user, "guess", source="127.0.0.2") == REFUSAL
    assert only_login(site) == ("refused", "backend-refused")


async def test_observing_lets_in_what_enforcing_would_refuse_and_logs_it(site):
    user = site.people.add("tried@observed.test", "enforced")
    given = site.people.give(user, deleted=True)
    assert (await site.login(user, MAIN)).startswith(b"OK ")
    assert only_login(site) == ("passed-through", "observed: would be refused")
    assert what_the_backend_saw(site) == [Login(user, MAIN)]
    assert await site.login(user, given.secret) == REFUSAL


async def test_observing_lets_no_blocked_user_in(site):
    user = site.people.add("blocked@observed.test", "enforced", blocked=True)
    assert await site.login(user, MAIN) == REFUSAL
    assert site.backend.connections == []


async def test_denied_app_passwords_are_refused_and_not_passed_on(site):
    user = site.people.add("plain@denied.test", "disabled")
    given = site.people.give(user)
    assert await site.login(user, given.secret) == REFUSAL
    assert only_login(site) == ("refused", "app-passwords-off")
    assert site.backend.connections == []
    assert (await site.login(user, MAIN)).startswith(b"OK ")


async def test_no_new_app_passwords_leaves_those_there_are(site):
    user = site.people.add("old@frozen.test", "enforced")
    given = site.people.give(user)
    assert (await site.login(user, given.secret)).startswith(b"OK ")
    assert what_the_backend_saw(site) == [Login(user, BACKEND_SECRET)]


@pytest.mark.parametrize("mfa", ["disabled", "enforced"])
async def test_a_protocol_switched_off_is_off_for_every_password(site, mfa):
    user = site.people.add(f"{mfa}@off.test", mfa)
    given = site.people.give(user)
    for password in (given.secret, MAIN):
        assert await site.login(user, password) == REFUSAL
    assert {line["reason"] for line in site.logins()} == {"protocol-off"}
    assert site.backend.connections == []


async def test_a_later_override_switches_it_on_again(site):
    user = site.people.add("on@off.test", "enforced")
    given = site.people.give(user)
    assert (await site.login(user, given.secret)).startswith(b"OK ")


async def test_another_protocol_switched_off_changes_nothing(site):
    user = site.people.add("imap@nopop.test", "enforced")
    given = site.people.give(user)
    assert (await site.login(user, given.secret)).startswith(b"OK ")
    assert only_login(site) == ("admitted", "")


async def test_an_override_for_a_domain_follows_the_user_and_not_the_alias(site):
    user = site.people.add("alias@observed.test", "enforced", aliases=["alias@example.test"])
    assert (await site.login("alias@example.test", MAIN)).startswith(b"OK ")
    [line] = site.logins()
    assert (line["user"], line["reason"]) == (user, "observed: would be refused")


async def test_an_app_password_for_a_network_works_from_there_alone(site):
    user = site.people.add("printer@example.test", "enforced")
    given = site.people.give(user, networks=["127.0.0.4/32"])
    assert (await site.login(user, given.secret, source="127.0.0.4")).startswith(b"OK ")
    assert await site.login(user, given.secret, source="127.0.0.5") == REFUSAL
    assert [line["reason"] for line in site.logins()] == ["", "network-out-of-scope"]
    assert len(site.backend.connections) == 1
