"""The directory's count of changes: what was seen, and from where to go on."""

import pytest

from store.directory.answers import Entry
from store.directory.counter import Counter

TIME = Counter("modifyTimestamp", "modifyTimestamp")


def entries(attribute, *values):
    return [Entry("uid=x", {attribute.lower(): [value.encode()]}) for value in values]


def usn(newest):
    return Counter("uSNChanged CN=NTDS Settings,CN=DC1", "uSNChanged", newest)


def test_what_changed_since_includes_the_moment_itself():
    assert TIME.since("20260101000000Z") == "(modifyTimestamp>=20260101000000Z)"
    assert usn("9").since("9") == "(uSNChanged>=9)"


@pytest.mark.parametrize(
    ("values", "cursor", "seconds", "following"),
    [
        (["20260101000005Z", "20260101000009Z"], "", 0, "20260101000009Z"),
        (["20260101000009.5Z", "20260101000009Z"], "", 0, "20260101000009Z"),
        (["20260101000009Z"], "", 3.2, "20260101000005Z"),
        (["20260101000001Z"], "", 2, "20251231235959Z"),
        (["20260101000009Z"], "20260101000008Z", 60, "20260101000008Z"),
        (["20260101000009Z"], "20270101000000Z", 0, "20270101000000Z"),
        ([], "20260101000008Z", 0, "20260101000008Z"),
        (["yesterday", "20260231000000Z"], "", 0, ""),
        ([], "", 0, ""),
    ],
)
def test_the_next_cursor_by_time(values, cursor, seconds, following):
    assert TIME.next_cursor(entries("modifyTimestamp", *values), cursor, seconds) == following


@pytest.mark.parametrize(
    ("newest", "values", "cursor", "following"),
    [
        ("120", ["9", "100"], "", "100"),
        ("99", ["9", "100"], "", "99"),
        ("120", ["100"], "110", "110"),
        ("120", ["x"], "7", "7"),
    ],
)
def test_the_next_cursor_by_update_sequence_number(newest, values, cursor, following):
    assert usn(newest).next_cursor(entries("uSNChanged", *values), cursor, 9) == following


def test_a_directory_that_was_set_back_is_noticed():
    assert usn("99").was_set_back("100")
    assert not usn("100").was_set_back("99")
    assert not TIME.was_set_back("20260101000000Z")
