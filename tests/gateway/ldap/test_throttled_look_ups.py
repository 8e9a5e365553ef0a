"""What is no app password meets the throttle before the directory is searched for whose it may be."""

from tests.gateway.ldap.door import REFUSED
from tests.gateway.site import MAIN, PORTAL
from tests.servers.directory import PEOPLE, person_dn

DIRECTORY = f'search_base = "{PEOPLE}"\nremember_seconds = 300'
MORE = "[throttle]\nwindow_seconds = 600\n"
SUCCESS, INVALID_CREDENTIALS = (0, ""), (49, REFUSED)
BUSY = (51, f"Too many failed logins. Try again later, or use an app password: {PORTAL}")


def test_bf_14_a_source_that_guessed_too_much_causes_no_search(door):
    door.add("fritz", "disabled")
    secret, source = door.give("fritz").secret, "127.0.0.77"
    for number in range(20):
        dn = person_dn(f"stranger{number}")
        assert door.bind(dn, "no app password", source=source) == INVALID_CREDENTIALS
    before = len(door.searches_at_slapd("base="))
    for number in range(30):
        assert door.bind(person_dn(f"other{number}"), "no app password", source=source) == BUSY
    assert len(door.searches_at_slapd("base=")) == before
    assert door.bind(person_dn("fritz"), secret, source=source) == SUCCESS


def test_bf_14_users_whose_entry_has_to_be_found_are_counted_by_their_name(door):
    door.add("dora", "disabled")
    for number in range(3):
        answer = door.bind(person_dn("dora"), f"guess {number}", source="127.0.0.78")
        assert answer == INVALID_CREDENTIALS
    assert door.bind(person_dn("dora"), MAIN, source="127.0.0.78") == SUCCESS
    assert [line["reason"] for line in door.logins()] == ["backend-refused"] * 3 + [""]


def test_enum_04_guesses_at_one_of_two_entries_of_a_user_are_no_outage(door):
    """They count as guesses, and nobody is told that the directory is down."""
    for name in ("twin3", "twin4"):
        door.add_to_slapd(name, mail=["twins@example.test"])
    door.people.add("twins@example.test", "disabled")
    door.add("enno", "enforced")
    source = "127.0.0.79"
    guesses = [door.bind(person_dn("twin3"), f"guess {number}", source=source) for number in range(11)]
    assert guesses == [INVALID_CREDENTIALS] * 10 + [BUSY]
    assert door.bind("enno", "x", source=source) == INVALID_CREDENTIALS
