"""What a search found is remembered as long as configured; that nothing was found, for seconds."""

import time

import pytest

from tests.gateway.ldap.door import REFUSED
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

SUCCESS, INVALID_CREDENTIALS = (0, ""), (49, REFUSED)
DIRECTORY = f'search_base = "{PEOPLE}"\nremember_seconds = 300'
FRITZ = person_dn("f1234")  # whose mail is fritz@example.test


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    standing_door.add_to_slapd("f1234", mail=["fritz@example.test"])
    standing_door.people.add("fritz@example.test", "disabled")
    standing_door.fritz = standing_door.give("fritz")


def test_what_was_found_is_remembered(door):
    for _ in range(3):
        assert door.bind(FRITZ, door.fritz.secret) == SUCCESS
        assert door.bind("fritz", MAIN) == SUCCESS
    assert len(door.searches_at_slapd(f'base="{FRITZ}"')) == 1
    assert len(door.searches_at_slapd("(mail=fritz@example.test)")) == 1
    with door.slapd_down():
        assert door.bind(FRITZ, door.fritz.secret) == SUCCESS


def until_bound(door, name, password):
    end = time.monotonic() + 20
    while (answer := door.bind(name, password)) != SUCCESS:
        assert time.monotonic() < end, answer


def test_that_somebody_was_not_found_is_remembered_for_seconds(door):
    door.people.add("late@example.test", "disabled")
    dn = person_dn("late")
    assert [door.bind(dn, MAIN), door.bind("late", "another guess")] == [INVALID_CREDENTIALS] * 2
    door.add_to_slapd("late")
    assert door.bind("late", MAIN) == SUCCESS
    until_bound(door, dn, MAIN)


def test_bf_14_the_directory_is_not_searched_again_and_again_for_a_name_that_nobody_has(door):
    dn = person_dn("nobody-at-all")
    guess = door.people.wrong_guess("fritz@example.test")
    for _ in range(20):
        assert door.bind(dn, guess) == INVALID_CREDENTIALS
    assert len(door.searches_at_slapd(f'base="{dn}"')) < 10


def test_bf_14_a_change_of_anybody_ends_what_is_remembered_of_nobody(door):
    """A user who was added a moment ago gets in at once."""
    dn = person_dn("newcomer")
    guess = door.people.wrong_guess("fritz@example.test")
    assert door.bind(dn, guess) == INVALID_CREDENTIALS
    door.add("newcomer")
    assert door.bind(dn, door.give("newcomer").secret) == SUCCESS


def test_what_the_store_says_now_comes_before_what_is_remembered(door):
    with door.wire() as wire:
        assert wire.bind(FRITZ, door.fritz.secret) == SUCCESS
        door.gateway.run("user", "block", "fritz@example.test")
        wire.rest()
    assert door.bind(FRITZ, door.fritz.secret) == INVALID_CREDENTIALS
