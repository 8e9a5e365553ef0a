"""Who is refused, why and how often reaches the store with the next flush, and stays bounded."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from store import app_passwords, refused_logins, users
from store.database import StoreUnavailable
from store.refused_logins import (
    MOST_OF_A_USER,
    MOST_OF_A_USER_AND_SOURCE,
    MOST_REMEMBERED,
    MOST_REMEMBERED_OF_A_SOURCE,
    Device,
    RefusedLogins,
)


@pytest.fixture
def phone(fritz):
    return Device(fritz.id, "imap", "K-9 Mail", "192.0.2.7", "app-password-required", "")


@pytest.fixture
def noted(database):
    return RefusedLogins(database)


def test_the_same_device_is_one_row_with_a_count(database, noted, phone, fritz):
    before = datetime.now(UTC)
    noted.note(phone)
    noted.note(phone)
    assert refused_logins.list_refused(database) == []
    assert noted.flush() == 1
    noted.note(phone)
    noted.note(replace(phone, address="192.0.2.8"))
    noted.flush()
    found = {one.device.address: one for one in refused_logins.list_refused(database, fritz.login)}
    assert found["192.0.2.7"].device == phone
    assert found["192.0.2.7"].login == fritz.login
    times = found["192.0.2.7"].times
    assert times.count == 3
    assert before <= times.first < times.last <= datetime.now(UTC)
    assert found["192.0.2.8"].times.count == 1


def test_two_gateways_count_together(database, phone):
    here, there = RefusedLogins(database), RefusedLogins(database)
    here.note(phone)
    there.note(phone)
    there.flush()
    here.flush()
    [one] = refused_logins.list_refused(database)
    assert one.times.count == 2
    assert one.times.first < one.times.last


def test_the_app_password_is_named_as_it_is_called(database, noted, phone, pepper, argon2, fritz):
    made, _ = app_passwords.create(
        database, pepper, argon2, fritz.id, "old phone", ["imap"], limit=40, actor="test"
    )
    app_passwords.delete(database, fritz.id, made.id, actor="test")
    noted.note(replace(phone, reason="deleted", app_password_id=made.id))
    noted.flush()
    [one] = refused_logins.list_refused(database, fritz.login)
    assert (one.app_password, one.device.reason) == ("old phone", "deleted")


def test_guesses_from_everywhere_leave_the_newest_only(database, noted, phone):
    for number in range(MOST_OF_A_USER + 30):
        noted.note(replace(phone, address=f"198.51.100.{number}"))
        noted.flush()
    found = refused_logins.list_refused(database, limit=1000)
    assert len(found) == MOST_OF_A_USER
    assert found[0].device.address == f"198.51.100.{MOST_OF_A_USER + 29}"
    assert found[-1].device.address == "198.51.100.30"


@pytest.mark.parametrize("spread", ["2001:db8:0:{:x}::1", "2001:db8:{:x}::1"])
def test_what_is_remembered_is_bounded(database, noted, phone, spread):
    for number in range(MOST_REMEMBERED + 5):
        noted.note(replace(phone, address=spread.format(number)))
    assert noted.flush() == MOST_REMEMBERED


@pytest.mark.parametrize("addresses", [["198.51.100.1"], [f"2001:db8::{number:x}" for number in range(99)]])
def test_dos_17_one_source_under_many_names_flushes_no_others_rows(database, noted, phone, addresses):
    """Neither in the store, nor before they are written: a client may call itself anything."""
    noted.note(phone)
    noted.flush()
    tablet = replace(phone, address="192.0.2.8")
    noted.note(tablet)
    for number in range(MOST_REMEMBERED + 100):
        noted.note(replace(phone, client=f"{number}", address=addresses[number % len(addresses)]))
        if number % 1000 == 0:
            noted.flush()
    assert noted.flush() <= MOST_REMEMBERED_OF_A_SOURCE
    found = [one.device for one in refused_logins.list_refused(database, limit=1000)]
    assert {phone, tablet} <= set(found)
    assert len(found) == 2 + MOST_OF_A_USER_AND_SOURCE
    assert any(device.client == f"{MOST_REMEMBERED + 99}" for device in found)


def test_dos_17_five_sources_leave_those_of_the_others_too(database, noted, phone):
    noted.note(phone)
    noted.flush()
    for number in range(5 * MOST_OF_A_USER):
        noted.note(replace(phone, client=f"{number}", address=f"198.51.100.{number % 5}"))
    noted.flush()
    found = [one.device for one in refused_logins.list_refused(database, limit=1000)]
    assert phone in found
    assert len(found) == MOST_OF_A_USER


def test_counts_outlive_an_outage_of_the_store(database, store, noted, phone):
    noted.note(phone)
    with store.away():
        with pytest.raises(StoreUnavailable):
            noted.flush()
        noted.note(phone)
    assert noted.flush() == 1
    assert [one.times.count for one in refused_logins.list_refused(database)] == [2]


def test_those_of_a_deleted_user_go_with_the_user(database, noted, phone, fritz):
    noted.note(phone)
    noted.flush()
    noted.note(phone)
    users.delete(database, fritz.login, actor="test")
    assert noted.flush() == 1
    assert refused_logins.list_refused(database) == []


def test_what_a_client_calls_itself_is_cut_to_one_printable_line(database, noted, phone):
    noted.note(replace(phone, client="evil\r\n\x1b" + "x" * 1000))
    noted.flush()
    assert refused_logins.list_refused(database)[0].device.client == "evil???" + "x" * 193


def test_what_is_over_for_long_is_forgotten(database, noted, phone):
    noted.note(phone)
    noted.flush()
    assert refused_logins.forget(database, datetime.now(UTC) - timedelta(days=90)) == 0
    assert refused_logins.forget(database, datetime.now(UTC) + timedelta(seconds=1)) == 1
    assert refused_logins.list_refused(database) == []
