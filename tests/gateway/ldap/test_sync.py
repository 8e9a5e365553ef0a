"""The directory sync as a task of `serve`: what changes in the directory holds here within the interval."""

import time
from collections.abc import Iterator

import pytest

from store import users
from tests.gateway.ldap.door import REFUSED, Door, login_of, open_door
from tests.gateway.site import MAIN
from tests.servers.certificates import Authority
from tests.servers.directory import PEOPLE, Person, person_dn
from tests.servers.slapd import Slapd

INTERVAL = f'search_base = "{PEOPLE}"\nsync_seconds = 1'
FOR_GOOD = "000001010000Z"


@pytest.fixture(scope="module")
def own_slapd() -> Iterator[Slapd]:
    """A sync brings over whoever is there, and the other tests' people are none of ours."""
    with Slapd([Person("dora", MAIN), Person("fritz", MAIN)]) as slapd:
        yield slapd


@pytest.fixture(scope="module")
def door(own_slapd: Slapd, authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("sync"), own_slapd, authority, directory=INTERVAL) as door:
        door.gateway.wait_for_log("directory synced")
        yield door


def until_enabled(door: Door, name: str) -> None:
    """Returns once the sync has seen it. Raises AssertionError."""
    end = time.monotonic() + 20
    while users.find(door.people.database, login_of(name)).disabled:  # another process writes it
        assert time.monotonic() < end
        time.sleep(0.05)


def test_who_is_in_the_directory_comes_in_without_being_added_here(door):
    assert door.bind("dora", MAIN) == (0, "")
    assert door.bind(person_dn("dora"), MAIN) == (0, "")
    assert door.bind("dora", "not the main password") == (49, REFUSED)


def test_a_user_disabled_in_the_directory_is_refused_and_his_session_is_cut(door):
    given = door.give("fritz")
    with door.client() as client:
        assert client.bind("fritz", given.secret) == (0, "")
        assert client.search(PEOPLE, "(uid=fritz)", ["mail"]) == [{"mail": [login_of("fritz")]}]
        door.slapd.modify(person_dn("fritz"), {"pwdAccountLockedTime": [FOR_GOOD]})
        assert client.is_cut()
    assert door.bind("fritz", given.secret) == (49, REFUSED)
    assert door.logins()[-1]["reason"] == "disabled"


def test_one_who_is_enabled_again_has_kept_the_app_passwords(door):
    given = door.give("dora")
    with door.client() as client:
        assert client.bind("dora", given.secret) == (0, "")
        door.slapd.modify(person_dn("dora"), {"pwdAccountLockedTime": [FOR_GOOD]})
        assert client.is_cut()
    door.slapd.modify(person_dn("dora"), {"pwdAccountLockedTime": []})
    until_enabled(door, "dora")
    assert door.bind("dora", given.secret) == (0, "")


def test_while_the_directory_is_down_the_last_sync_holds(door):
    given = door.give("dora")
    door.slapd.stop()
    try:
        door.gateway.wait_for_log("directory not synced")
        assert door.bind("dora", given.secret) == (0, "")
    finally:
        door.slapd.start()
