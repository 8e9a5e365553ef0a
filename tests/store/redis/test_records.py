"""Accounts as bytes: all that a login depends on comes back, and what isn't exactly a record is none."""

import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import ProtocolName
from store.model import Account, AppPassword, MfaState, User
from store.redis.records import Stamp, account_from, account_record, login_record

TIMES = st.datetimes(datetime(1971, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
NETWORKS = st.sampled_from(
    [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"), ip_network("192.0.2.7/32")]
)
NUMBERS = st.integers(0, (1 << 63) - 1)
SEEN = Stamp(77, 1_790_000_000_000_000)


def app_passwords(user_id: int) -> st.SearchStrategy[AppPassword]:
    return st.builds(
        AppPassword,
        id=TEXTS,
        user_id=st.just(user_id),
        name=TEXTS,
        scopes=st.frozensets(st.sampled_from(get_args(ProtocolName))),
        networks=st.lists(NETWORKS, max_size=3).map(tuple),
        tag=st.integers(0, 65535),
        hash=TEXTS,
        created_at=TIMES,
        expires_at=st.none() | TIMES,
        deleted_at=st.none() | TIMES,
        last_used=st.none(),
    )


USERS = st.builds(
    User,
    id=st.just(12),
    login=TEXTS,
    aliases=st.lists(TEXTS, max_size=3).map(tuple),
    mfa=st.sampled_from(MfaState),
    grace_until=st.none() | TIMES,
    blocked=st.booleans(),
    backend_login=st.none() | TEXTS,
    dn=st.none() | TEXTS,
    version=NUMBERS,
    created_at=TIMES,
    directory_id=st.none() | TEXTS,
    disabled=st.booleans(),
)
ACCOUNTS = st.builds(
    Account,
    user=USERS,
    app_passwords=st.lists(app_passwords(12), max_size=4).map(tuple),
    position=st.just(SEEN.position),
    history=TEXTS,
)
TIME = datetime(2026, 11, 25, 12, 30, 15, 123456, tzinfo=UTC)
PASSWORD = AppPassword(
    "abcdefgh", 12, "phone", frozenset({"imap"}), (), 5, "$argon2id$…", TIME, None, None, None
)
ACCOUNT = Account(
    User(12, "fritz@example.test", (), MfaState.ENFORCED, None, False, None, None, 3, TIME, None, False),
    (PASSWORD,),
    77,
    "a history",
)


@given(ACCOUNTS)
def test_an_account_comes_back_as_it_was(account: Account) -> None:
    assert account_from(account_record(account, SEEN)) == (account, SEEN)


def test_its_position_is_that_of_the_row_it_is_as_of() -> None:
    found = account_from(account_record(ACCOUNT, Stamp(90, 5)))
    assert found is not None
    account, seen = found
    assert account.position == seen.position == 90


def fields_of(record: Any, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    if not isinstance(record, list):
        return [path]
    return [path, *(inner for index, one in enumerate(record) for inner in fields_of(one, (*path, index)))]


RECORD = json.loads(account_record(ACCOUNT, SEEN))
NULLABLE_TEXTS = {(4, 6), (4, 7), (4, 10)}
NULLABLE = {(4, 4), (5, 0, 7), (5, 0, 8)} | NULLABLE_TEXTS
WORDS = {(4, 3)}


@pytest.mark.parametrize("path", fields_of(RECORD), ids=str)
@pytest.mark.parametrize("other", [None, True, 0.5, {}, [[]], "\x00 no such word"], ids=repr)
def test_a_field_of_another_type_makes_it_no_record(path: tuple[int, ...], other: Any) -> None:
    changed: Any = [json.loads(json.dumps(RECORD))]
    inner = changed
    for index in (0, *path[:-1]) if path else ():
        inner = inner[index]
    was = inner[path[-1] if path else 0]
    same = type(was) is type(other) and not isinstance(was, list) and path not in WORDS
    as_good = (other is None and path in NULLABLE) or (isinstance(other, str) and path in NULLABLE_TEXTS)
    if same or as_good:
        return
    inner[path[-1] if path else 0] = other
    assert account_from(json.dumps(changed[0]).encode()) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_no_record(octets: bytes) -> None:
    assert account_from(octets) is None


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"1" * 10_000,
        json.dumps([*RECORD, 1]).encode(),
        json.dumps(RECORD[:-1]).encode(),
        json.dumps([2, *RECORD[1:]]).encode(),
        json.dumps(RECORD).encode()[:-1],
        json.dumps(RECORD).encode() + b"]",
        json.dumps(RECORD).encode("utf-16"),
        json.dumps(RECORD).replace(str(RECORD[4][9]), "9" * 30).encode(),
    ],
    ids=range(13),
)
def test_what_is_nearly_a_record_is_none(octets: bytes) -> None:
    assert account_from(octets) is None


def test_a_protocol_that_this_version_does_not_know_lets_nobody_in() -> None:
    record = account_record(ACCOUNT, SEEN).replace(b'["imap"]', b'["imap","jmap"]')
    found = account_from(record)
    assert found is not None
    assert found[0].app_passwords[0].scopes == {"imap"}


def test_a_verified_login_is_of_one_password_hash_version_and_history() -> None:
    other_hash = AppPassword(**{**_fields(PASSWORD), "hash": "$argon2id$?"})
    other_id = AppPassword(**{**_fields(PASSWORD), "id": "hgfedcba"})
    records = {
        login_record(PASSWORD, 3, "a history"),
        login_record(other_hash, 3, "a history"),
        login_record(other_id, 3, "a history"),
        login_record(PASSWORD, 4, "a history"),
        login_record(PASSWORD, 3, "another"),
    }
    assert len(records) == 5
    later = AppPassword(**{**_fields(PASSWORD), "deleted_at": TIME + timedelta(days=1)})
    assert login_record(later, 3, "a history") in records


def _fields(one: AppPassword) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}
