"""Where neither store nor template knows it, a search in the directory says which entry is whose."""

import pytest

from tests.gateway.ldap.door import LATER, REFUSED, login_of
from tests.gateway.site import MAIN
from tests.servers.directory import BASE, PEOPLE, SERVICE_DN, SERVICE_PASSWORD, person_dn

SUCCESS, INVALID_CREDENTIALS, UNAVAILABLE = (0, ""), (49, REFUSED), (52, LATER)
DIRECTORY = f'search_base = "{PEOPLE}"\nremember_seconds = 0'
FRITZ = person_dn("f1234")  # whose mail is fritz@example.test


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    standing_door.add_to_slapd("f1234", mail=["fritz@example.test"])
    standing_door.people.add("fritz@example.test", "disabled")
    standing_door.fritz = standing_door.give("fritz")


@pytest.mark.parametrize("name", [FRITZ, FRITZ.upper(), "fritz", login_of("fritz"), "EXAMPLE\\fritz"])
def test_the_entry_that_is_found_is_the_users(door, name):
    with door.wire() as wire:
        assert wire.bind(name, MAIN) == SUCCESS
        assert wire.who_am_i() == f"dn:{FRITZ}"
        assert wire.bind(name, door.fritz.secret) == SUCCESS
        assert wire.who_am_i() == f"dn:{FRITZ}"
    assert {line["user"] for line in door.logins()} == {login_of("fritz")}
    assert [one for one in door.binds_at_slapd() if one != SERVICE_DN] == [FRITZ]
    assert door.bind(name, "wrong") == INVALID_CREDENTIALS


def test_a_user_who_is_not_found_is_judged_by_slapd_under_the_name_as_presented(door):
    door.people.add("paper@example.test", "disabled")
    assert door.bind("paper", MAIN) == INVALID_CREDENTIALS
    assert door.logins()[0]["reason"] == "backend-refused"


@pytest.mark.parametrize("dn", [SERVICE_DN, f"uid=f1234,{BASE}", f"cn=policy,ou=services,{BASE}", "cn=x"])
def test_ldap_12_a_dn_elsewhere_in_the_directory_is_nobodys_and_not_even_searched(door, dn):
    for password in (MAIN, SERVICE_PASSWORD):
        assert door.bind(dn, password) == INVALID_CREDENTIALS
    assert door.searches_at_slapd("base=") == []


@pytest.mark.parametrize(
    ("name", "mail"),
    [
        ("two", ["fritz@example.test", "two@example.test"]),
        ("star", ["f*@example.test"]),
        ("three", ["a@b@c"]),
        ("elsewhere", ["fritz@elsewhere.test"]),
    ],
)
def test_ldap_12_an_entry_that_names_not_exactly_one_user_is_nobodys(door, name, mail):
    dn = door.add_to_slapd(name, mail=mail)
    assert door.bind(dn, MAIN) == INVALID_CREDENTIALS
    assert dn not in door.binds_at_slapd()


def test_ldap_12_two_entries_for_one_name_are_nobodys(door):
    for name in ("twin1", "twin2"):
        door.add_to_slapd(name, mail=["twin@example.test"])
    door.people.add("twin@example.test", "disabled")
    assert door.bind("twin", MAIN) == INVALID_CREDENTIALS
    assert door.bind(person_dn("twin1"), MAIN) == INVALID_CREDENTIALS
    assert not {person_dn("twin1"), person_dn("twin2")} & set(door.binds_at_slapd())


@pytest.mark.parametrize("name", ["a(b", "a)(uid=f1234", "a\\28b", "a|b", "a&b", "{login}", "{local}"])
def test_ldap_12_a_name_adds_nothing_to_the_filter(door, name):
    assert door.bind(f"{name}@example.test", MAIN) == INVALID_CREDENTIALS
    assert not any(person_dn("f1234") == one for one in door.binds_at_slapd())
    assert door.searches_at_slapd("uid=f1234") == []


def test_ldap_12_a_known_name_adds_nothing_to_the_filter(door):
    door.people.add("p(aren)s@example.test", "disabled")
    assert door.bind("p(aren)s", MAIN) == INVALID_CREDENTIALS
    assert len(door.searches_at_slapd('filter="(mail=p\\28aren\\29s@example.test)"')) == 1


def test_without_an_answer_nobody_is_refused_for_good(door):
    with door.slapd_down():
        for name in (FRITZ, "fritz"):
            assert door.bind(name, MAIN) == UNAVAILABLE
        assert door.bind("fritz", door.fritz.secret) == SUCCESS  # for whom nothing had to be found
        assert door.bind(FRITZ, door.fritz.secret) == UNAVAILABLE
    reasons = [line["reason"] for line in door.logins()]
    assert reasons == ["directory-unavailable", "backend-unavailable", "", "directory-unavailable"]
    assert door.bind(FRITZ, door.fritz.secret) == SUCCESS


def test_the_connection_for_searches_is_kept_and_opened_again_after_a_restart(door):
    assert door.bind(FRITZ, door.fritz.secret) == SUCCESS
    door.slapd.restart()
    door.begin()
    for _ in range(3):
        assert door.bind(FRITZ, door.fritz.secret) == SUCCESS
    assert door.binds_at_slapd() == [SERVICE_DN]
    assert len(door.searches_at_slapd(f'base="{FRITZ}"')) == 3
