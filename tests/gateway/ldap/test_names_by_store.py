"""The DN that the store has for a user comes before the template's, in both directions."""

import pytest

from store import users
from tests.gateway.ldap.door import REFUSED, login_of
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

SUCCESS, INVALID_CREDENTIALS = (0, ""), (49, REFUSED)
BOSS, CHIEF = person_dn("boss"), person_dn("chief")


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    """In slapd the boss is the chief. Another entry has the name that the template makes for the boss."""
    standing_door.add_to_slapd("chief")
    standing_door.add_to_slapd("boss", "somebody else's password")
    standing_door.people.add(login_of("boss"), "disabled")
    standing_door.boss = standing_door.give("boss")
    set_dn(standing_door, "boss", CHIEF)


@pytest.mark.parametrize("name", [CHIEF, CHIEF.upper(), "boss", login_of("boss"), BOSS])
def test_slapd_is_shown_the_main_password_under_the_dn_of_the_store(door, name):
    assert door.bind(name, MAIN) == SUCCESS
    assert door.bind(name, "somebody else's password") == INVALID_CREDENTIALS
    assert door.binds_at_slapd() == [CHIEF, CHIEF]
    assert {line["user"] for line in door.logins()} == {login_of("boss")}


@pytest.mark.parametrize("name", [CHIEF, "boss", BOSS])
def test_an_admitted_user_acts_under_the_dn_of_the_store(door, name):
    with door.wire() as wire:
        assert wire.bind(name, door.boss.secret) == SUCCESS
        assert wire.who_am_i() == f"dn:{CHIEF}"
    assert f'PROXYAUTHZ dn="{CHIEF}"' in door.slapd_log()


def test_a_dn_is_the_users_as_soon_as_the_store_says_so_and_no_longer(door):
    door.add("mobile", "enforced")
    secret = door.give("mobile").secret
    set_dn(door, "mobile", f"cn=Mobile,{PEOPLE}")
    assert door.bind(f"cn=mobile,{PEOPLE}", secret) == SUCCESS
    set_dn(door, "mobile", f"cn=Moved,{PEOPLE}")
    assert door.bind(f"cn=moved,{PEOPLE}", secret) == SUCCESS
    assert until_refused(door, f"cn=mobile,{PEOPLE}", secret)
    set_dn(door, "mobile", None)
    assert until_refused(door, f"cn=moved,{PEOPLE}", secret)
    assert door.bind(person_dn("mobile"), secret) == SUCCESS


def set_dn(door, name, dn):
    assert users.set_dn(door.people.database, login_of(name), dn, actor="test") is True


def until_refused(door, name, secret):
    """The feed tells of a change within a fraction of a second."""
    for _ in range(1000):
        if (answer := door.bind(name, secret)) != SUCCESS:
            return answer == INVALID_CREDENTIALS
    return False


def test_who_was_blocked_is_so_by_every_name(door):
    door.add("stopped", "disabled")
    set_dn(door, "stopped", f"cn=Stopped,{PEOPLE}")
    door.people.block(login_of("stopped"))
    for name in (f"cn=stopped,{PEOPLE}", person_dn("stopped"), "stopped"):
        assert door.bind(name, MAIN) == INVALID_CREDENTIALS
    assert {line["reason"] for line in door.logins()} == {"blocked"}
