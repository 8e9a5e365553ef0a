"""With unknown_users = "pass": who can be named but isn't known passes, and a DN that names nobody never."""

import pytest

from tests.gateway.ldap.door import REFUSED
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD

POLICY = 'unknown_users = "pass"\nunknown_domains = ["example.test"]'
SUCCESS, INVALID_CREDENTIALS = (0, ""), (49, REFUSED)


@pytest.fixture(scope="module", autouse=True)
def stranger(standing_door):
    return standing_door.add_to_slapd("stranger")


def test_a_dn_that_the_template_makes_of_an_unknown_name_is_judged_by_slapd(door, stranger):
    with door.client() as client:
        assert client.bind(stranger, MAIN) == SUCCESS
        assert client.search(PEOPLE, "(uid=good)", ["mail"]) == [{"mail": ["good@example.test"]}]
    [line] = door.logins()
    assert (line["verdict"], line["reason"]) == ("passed-through", "unknown user")
    assert door.bind(stranger, "wrong") == INVALID_CREDENTIALS


def test_a_dn_that_is_nobodys_by_any_rule_is_never_passed_on(door):
    for dn in (SERVICE_DN, "cn=root,dc=example,dc=test", f"cn=stranger,{PEOPLE}", "cn=x"):
        assert door.bind(dn, SERVICE_PASSWORD) == INVALID_CREDENTIALS
    assert {line["reason"] for line in door.logins()} == {"unknown-user"}
    assert door.connections_at_slapd() == 0


@pytest.mark.parametrize("name", ["stranger@example.test", "stranger", "EXAMPLE\\stranger"])
def test_a_name_that_is_no_dn_is_judged_by_slapd_as_presented(door, name):
    """Active Directory would know it; slapd, which takes DNs alone, says no, and that is no outage."""
    assert door.bind(name, MAIN) == INVALID_CREDENTIALS
    [line] = door.logins()
    assert (line["verdict"], line["reason"]) == ("refused", "backend-refused")


def test_once_the_store_knows_the_user_its_rules_hold_for_the_session_there_is(door):
    dn = door.add_to_slapd("new")
    with door.client() as client:
        assert client.bind(dn, MAIN) == SUCCESS
        door.gateway.run("user", "add", "new@example.test", "--mfa", "enforced")
        assert client.is_cut()
    assert door.bind(dn, MAIN) == INVALID_CREDENTIALS
