"""The decision table at the LDAP door: every MFA state times every kind of credential, by DN and by name."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.gateway.ldap.door import REFUSED, login_of
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, person_dn

SUCCESS, INVALID_CREDENTIALS = (0, ""), (49, REFUSED)
DAY = timedelta(days=1)
# The state, the grace, and what the log remarks when the main password is passed through.
PASSING = {
    "disabled": ("disabled", None, ""),
    "enabled": ("enabled", None, "not registered yet"),
    "in-grace": ("enabled", DAY, "not registered yet"),
}
ENFORCING = {"past-grace": ("enabled", -DAY, ""), "enforced": ("enforced", None, "")}
STATES = PASSING | ENFORCING
APP_PASSWORDS = {
    "deleted": {"deleted": True},
    "expired": {"expired": True},
    "protocol-out-of-scope": {"scopes": ("imap", "pop3", "smtp", "sieve")},
    "network-out-of-scope": {"networks": ("192.0.2.0/24", "2001:db8::/32")},
}
by_every_name = pytest.mark.parametrize("name_of", [person_dn, login_of], ids=["by DN", "by name"])
state_of_all = pytest.mark.parametrize("state", STATES)


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    """One in each state, named after it; and once more, blocked and disabled in the directory."""
    for state, (mfa, grace, _) in STATES.items():
        until = datetime.now(UTC) + grace if grace else None
        for name in (state, f"blocked-{state}", f"off-{state}"):
            standing_door.add(name, mfa, grace_until=until)
        standing_door.people.block(login_of(f"blocked-{state}"))
        standing_door.disable(f"off-{state}")


def only_login(door):
    [line] = door.logins()
    return line["user"], line["verdict"], line["reason"]


@state_of_all
@by_every_name
def test_a_right_app_password_is_admitted_and_slapd_hears_nothing_of_it(door, state, name_of):
    given = door.give(state, name="Outlook 2010")
    with door.client() as client:
        assert client.bind(name_of(state), given.secret) == SUCCESS
        assert only_login(door) == (login_of(state), "admitted", "")
        [line] = door.logins()
        assert (line["app_password"], line["app_password_id"]) == ("Outlook 2010", given.id)
        assert door.connections_at_slapd() == 0
        client.search(PEOPLE, "(uid=good)", ["mail"])
    assert door.binds_at_slapd() == [SERVICE_DN]
    assert f'PROXYAUTHZ dn="{person_dn(state)}"' in door.slapd_log()


@state_of_all
@by_every_name
@pytest.mark.parametrize("fault", APP_PASSWORDS)
def test_a_spent_or_misplaced_app_password_is_refused_and_never_shown_to_slapd(door, state, name_of, fault):
    given = door.give(state, **APP_PASSWORDS[fault])
    assert door.bind(name_of(state), given.secret) == INVALID_CREDENTIALS
    # Who is refused stands in the log as presented.
    assert only_login(door) == (name_of(state), "refused", fault)
    assert door.connections_at_slapd() == 0


@pytest.mark.parametrize("state", PASSING)
@by_every_name
def test_the_right_main_password_is_shown_to_slapd_under_the_users_own_dn(door, state, name_of):
    door.give(state)
    door.catch_up()
    with door.client() as client:
        assert client.bind(name_of(state), MAIN) == SUCCESS
        client.search(PEOPLE, "(uid=good)", ["mail"])
    assert only_login(door) == (login_of(state), "passed-through", PASSING[state][2])
    assert door.binds_at_slapd() == [person_dn(state)]
    assert door.connections_at_slapd() == 1
    assert "PROXYAUTHZ" not in door.slapd_log()


@pytest.mark.parametrize("state", PASSING)
@by_every_name
@pytest.mark.parametrize("wrong", ["not the main password", "abcd efgh ijkl mnop"])
def test_a_wrong_password_is_judged_by_slapd_where_the_main_one_would_be(door, state, name_of, wrong):
    door.give(state)
    door.catch_up()
    assert door.bind(name_of(state), wrong) == INVALID_CREDENTIALS
    assert only_login(door) == (login_of(state), "refused", "backend-refused")
    assert door.binds_at_slapd() == [person_dn(state)]


@pytest.mark.parametrize("state", ENFORCING)
@by_every_name
@pytest.mark.parametrize("password", [MAIN, "not the main password", "abcd efgh ijkl mnop"])
def test_slapd_never_sees_a_bind_of_an_enforced_user(door, state, name_of, password):
    door.give(state)
    assert door.bind(name_of(state), password) == INVALID_CREDENTIALS
    [line] = door.logins()
    assert (line["verdict"], line["reason"]) == ("refused", "app-password-required")
    assert door.connections_at_slapd() == 0


@state_of_all
@by_every_name
@pytest.mark.parametrize(("prefix", "reason"), [("blocked-", "blocked"), ("off-", "disabled")])
@pytest.mark.parametrize("kind", ["app password", "main password"])
def test_who_is_blocked_or_disabled_is_refused_whatever_the_password(
    door, state, name_of, prefix, reason, kind
):
    name = prefix + state
    secret = door.give(name).secret if kind == "app password" else MAIN
    assert door.bind(name_of(name), secret) == INVALID_CREDENTIALS
    [line] = door.logins()
    assert (line["verdict"], line["reason"]) == ("refused", reason)
    assert door.connections_at_slapd() == 0


@by_every_name
@pytest.mark.parametrize("password", [MAIN, "abcdefghijklmnop"])
def test_whom_slapd_alone_knows_is_refused(door, name_of, password):
    door.add_to_slapd("stranger")
    assert door.bind(name_of("stranger"), password) == INVALID_CREDENTIALS
    [line] = door.logins()
    assert (line["verdict"], line["reason"]) == ("refused", "unknown-user")
    assert door.connections_at_slapd() == 0


def test_an_app_password_of_somebody_else_is_no_app_password(door):
    assert door.bind(person_dn("enforced"), door.good.secret) == INVALID_CREDENTIALS
    assert door.bind(person_dn("disabled"), door.good.secret) == INVALID_CREDENTIALS
    assert [line["reason"] for line in door.logins()] == ["app-password-required", "backend-refused"]


@pytest.mark.parametrize("spelt", ["{0} {1} {2} {3}", "{0}-{1}-{2}-{3}", " {0}{1}{2}{3} "])
def test_an_app_password_counts_however_it_was_pasted(door, spelt):
    secret = door.good.secret
    groups = [secret[at : at + 4] for at in range(0, 16, 4)]
    for word in (spelt.format(*groups), spelt.format(*groups).upper()):
        assert door.bind(person_dn("good"), word) == SUCCESS
