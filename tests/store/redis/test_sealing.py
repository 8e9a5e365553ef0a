"""What is sealed opens with its key, under its name, as it was, and in no other way."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.redis.keys import CacheKey, create_cache_key, derived
from store.redis.sealing import LONGEST, MOST_BYTES, name_of, seal, unseal

KEY, OTHER = derived(bytes(range(32))), derived(bytes(range(1, 33)))


@given(st.binary(max_size=100), st.text(max_size=20))
def test_what_was_sealed_opens(plain: bytes, what: str) -> None:
    name = name_of(KEY, "login", what)
    assert unseal(KEY, name, seal(KEY, name, plain)) == plain


def test_what_is_as_long_as_allowed_opens_and_no_more() -> None:
    sealed = seal(KEY, "name", bytes(MOST_BYTES))
    assert len(sealed) == LONGEST
    assert unseal(KEY, "name", sealed) == bytes(MOST_BYTES)
    assert unseal(KEY, "name", seal(KEY, "name", bytes(MOST_BYTES + 1))) is None


@given(st.binary(min_size=1, max_size=50), st.data())
def test_any_other_bytes_do_not(plain: bytes, data: st.DataObject) -> None:
    sealed = seal(KEY, "name", plain)
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    edited = bytearray(sealed)
    edited[bit // 8] ^= 1 << bit % 8
    assert unseal(KEY, "name", bytes(edited)) is None
    cut = data.draw(st.integers(0, len(sealed) - 1))
    assert unseal(KEY, "name", sealed[:cut]) is None
    assert unseal(KEY, "name", sealed + b"\0") is None


@pytest.mark.parametrize("answer", [None, "text", 1, True, [b"x"], {b"x": b"y"}, ValueError(), bytearray(60)])
def test_what_are_no_bytes_do_not(answer: object) -> None:
    assert unseal(KEY, "name", answer) is None


def test_another_name_or_key_does_not() -> None:
    sealed = seal(KEY, "name", b"plain")
    assert unseal(KEY, "eman", sealed) is None
    assert unseal(OTHER, "name", sealed) is None
    assert unseal(CacheKey(OTHER.id, OTHER.names, KEY.seals), "name", sealed) == b"plain"


def test_the_same_is_sealed_differently_each_time() -> None:
    assert len({seal(KEY, "name", b"plain") for _ in range(100)}) == 100


def test_names_differ_by_key_kind_and_what() -> None:
    names = {
        name_of(key, kind, what)
        for key in (KEY, OTHER)
        for kind in ("login", "account")
        for what in ("", "1:secret", "11:secret")
    }
    assert len(names) == 12
    assert name_of(KEY, "login", "1:secret") == name_of(KEY, "login", "1:secret")


def test_nothing_that_is_derived_shows_the_key() -> None:
    assert len({KEY.id, KEY.names.hex(), KEY.seals.hex(), KEY.names.hex()[:8]}) == 4
    assert KEY.names.hex() not in repr(KEY)
    assert KEY.seals.hex() not in repr(KEY)
    assert repr(KEY.seals) not in repr(KEY)


def test_a_new_key_is_for_its_owner_alone_and_replaces_none(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_cache_key(tmp_path / "key")
    finally:
        os.umask(before)
    written = (tmp_path / "key").read_text()
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert len(bytes.fromhex(written.strip())) == 32
    with pytest.raises(FileExistsError):
        create_cache_key(tmp_path / "key")
    assert (tmp_path / "key").read_text() == written
    create_cache_key(tmp_path / "other")
    assert (tmp_path / "other").read_text() != written
