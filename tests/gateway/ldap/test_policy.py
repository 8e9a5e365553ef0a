"""Policy at the LDAP door: for some users, networks and names the decision is another one."""

import pytest

from tests.gateway.ldap.door import REFUSED, login_of
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

SUCCESS, INVALID_CREDENTIALS = (0, ""), (49, REFUSED)
MORE = """
[[policy.override]]
users = ["scanner@example.test", "careful@example.test", "guessed@example.test"]
trusted_networks = ["127.0.0.2/32"]
[[policy.override]]
users = ["tried@example.test", "stopped@example.test", "gone@example.test"]
observe = true
[[policy.override]]
users = ["plain@example.test"]
app_passwords = "denied"
[[policy.override]]
users = ["off@example.test"]
protocols = ["ldap"]
refuse = true
[[policy.override]]
users = ["elsewhere@example.test"]
protocols = ["imap"]
refuse = true
"""
ENFORCED = ("scanner", "careful", "guessed", "tried", "stopped", "gone", "plain", "off", "elsewhere", "near")
by_every_name = pytest.mark.parametrize("name_of", [person_dn, login_of], ids=["by DN", "by name"])


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    for name in ENFORCED:
        standing_door.add(name, "enforced")
    standing_door.add("aliased", "enforced", aliases=["other@example.test", "third@elsewhere.test"])
    standing_door.add("open", "disabled", aliases=["door@example.test"])


def only_reason(door):
    [line] = door.logins()
    return line["verdict"], line["reason"]


@by_every_name
def test_a_trusted_network_may_use_the_main_password(door, name_of):
    assert door.bind(name_of("scanner"), MAIN, source="127.0.0.2") == SUCCESS
    assert only_reason(door) == ("passed-through", "trusted network")
    assert door.binds_at_slapd() == [person_dn("scanner")]


@by_every_name
def test_any_other_network_may_not(door, name_of):
    assert door.bind(name_of("scanner"), MAIN, source="127.0.0.3") == INVALID_CREDENTIALS
    assert only_reason(door) == ("refused", "app-password-required")
    assert door.connections_at_slapd() == 0


def test_who_has_an_app_password_is_trusted_nowhere(door):
    given = door.give("careful")
    assert door.bind(person_dn("careful"), MAIN, source="127.0.0.2") == INVALID_CREDENTIALS
    assert door.connections_at_slapd() == 0
    assert door.bind(person_dn("careful"), given.secret, source="127.0.0.2") == SUCCESS


def test_trust_is_no_password(door):
    assert door.bind(person_dn("guessed"), "guess", source="127.0.0.2") == INVALID_CREDENTIALS
    assert only_reason(door) == ("refused", "backend-refused")


@by_every_name
def test_observing_lets_in_what_enforcing_would_refuse_and_logs_it(door, name_of):
    assert door.bind(name_of("tried"), MAIN) == SUCCESS
    assert only_reason(door) == ("passed-through", "observed: would be refused")
    assert door.binds_at_slapd() == [person_dn("tried")]


@by_every_name
def test_observing_lets_neither_a_spent_app_password_in_nor_who_is_blocked_or_disabled(door, name_of):
    spent = door.give("tried", deleted=True)
    door.people.block(login_of("stopped"))
    door.disable("gone")
    assert door.bind(name_of("tried"), spent.secret) == INVALID_CREDENTIALS
    assert door.bind(name_of("stopped"), MAIN) == INVALID_CREDENTIALS
    assert door.bind(name_of("gone"), MAIN) == INVALID_CREDENTIALS
    assert door.connections_at_slapd() == 0


@by_every_name
def test_denied_app_passwords_are_refused_and_not_passed_on(door, name_of):
    given = door.give("plain")
    assert door.bind(name_of("plain"), given.secret) == INVALID_CREDENTIALS
    assert only_reason(door) == ("refused", "app-passwords-off")
    assert door.connections_at_slapd() == 0


@by_every_name
@pytest.mark.parametrize("kind", ["app password", "main password"])
def test_ldap_switched_off_for_a_user_is_off_for_every_password(door, name_of, kind):
    secret = door.give("off").secret if kind == "app password" else MAIN
    assert door.bind(name_of("off"), secret) == INVALID_CREDENTIALS
    assert only_reason(door) == ("refused", "protocol-off")
    assert door.connections_at_slapd() == 0


def test_another_protocol_switched_off_changes_nothing(door):
    assert door.bind(person_dn("elsewhere"), door.give("elsewhere").secret) == SUCCESS


def test_an_app_password_for_a_network_works_from_there_alone(door):
    given = door.give("near", networks=["127.0.0.4/32"])
    assert door.bind(person_dn("near"), given.secret, source="127.0.0.4") == SUCCESS
    assert door.bind(person_dn("near"), given.secret, source="127.0.0.5") == INVALID_CREDENTIALS
    assert [line["reason"] for line in door.logins()] == ["", "network-out-of-scope"]


@pytest.mark.parametrize("alias", ["other@example.test", "third@elsewhere.test", "OTHER", "EXAMPLE\\other"])
def test_an_alias_is_the_user_with_all_that_holds_for_him(door, alias):
    given = door.give("aliased")
    with door.client() as client:
        assert client.bind(alias, MAIN) == INVALID_CREDENTIALS
        assert client.bind(alias, given.secret) == SUCCESS
        client.search(PEOPLE, "(uid=good)", ["mail"])
    assert door.logins()[-1]["user"] == login_of("aliased")
    assert f'PROXYAUTHZ dn="{person_dn("aliased")}"' in door.slapd_log()


def test_by_an_alias_the_main_password_is_shown_to_slapd_under_the_users_own_dn(door):
    assert door.bind("door@example.test", MAIN) == SUCCESS
    assert door.binds_at_slapd() == [person_dn("open")]


def test_a_dn_made_of_an_alias_is_the_same_user_too(door):
    """The template turns it into a login name, and that name is the user's; slapd sees the user's own DN."""
    assert door.bind(person_dn("door"), MAIN) == SUCCESS
    assert door.binds_at_slapd() == [person_dn("open")]
