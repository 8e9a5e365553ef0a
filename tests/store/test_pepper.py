"""The pepper's file, and what is derived with it."""

import stat

import pytest

from store.pepper import Pepper, PepperError, create_pepper, load_pepper

SECRET = "abcdefghijklmnop"


def test_a_created_pepper_is_32_random_bytes_for_its_owner_only(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    create_pepper(first)
    create_pepper(second)
    assert len(load_pepper(first).key) == 32
    assert load_pepper(first) != load_pepper(second)
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


def test_a_pepper_is_never_overwritten(tmp_path):
    create_pepper(tmp_path / "pepper")
    before = load_pepper(tmp_path / "pepper")
    with pytest.raises(PepperError, match="already exists"):
        create_pepper(tmp_path / "pepper")
    assert load_pepper(tmp_path / "pepper") == before


def test_a_pepper_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(PepperError, match="can't be written: No such file"):
        create_pepper(tmp_path / "nowhere" / "pepper")


def test_a_missing_pepper_is_told(tmp_path):
    with pytest.raises(PepperError, match="can't be read: No such file"):
        load_pepper(tmp_path / "pepper")


@pytest.mark.parametrize("content", [b"", b"ab" * 31, b"ab" * 33, b"xy" * 32, b"\xff" * 64, b"ab" * 600])
def test_a_malformed_pepper_is_told_and_not_shown(tmp_path, content):
    (tmp_path / "pepper").write_bytes(content)
    with pytest.raises(PepperError, match="must hold 64 hexadecimal digits") as told:
        load_pepper(tmp_path / "pepper")
    assert not content or content[:10].decode("latin-1") not in str(told.value)


def test_the_key_is_not_shown():
    assert "ab" * 4 not in repr(Pepper(b"ab" * 16))


def test_a_tag_has_16_bits_and_depends_on_key_user_and_secret():
    pepper, other = Pepper(bytes(32)), Pepper(bytes(31) + b"\1")
    tags = [pepper.tag(user_id, SECRET) for user_id in range(2000)]
    assert all(0 <= tag < 65536 for tag in tags)
    assert len(set(tags)) > 1800
    assert pepper.tag(1, SECRET) == pepper.tag(1, SECRET)
    assert [other.tag(user_id, SECRET) for user_id in range(5)] != tags[:5]
    assert [pepper.tag(user_id, SECRET[::-1]) for user_id in range(5)] != tags[:5]


def test_tag_and_seasoning_are_of_different_domains():
    pepper = Pepper(bytes(32))
    assert len(pepper.season(SECRET)) == 32
    assert pepper.season(SECRET)[:2] != pepper.tag(0, SECRET).to_bytes(2, "big")
    assert pepper.season(SECRET) != Pepper(b"\1" * 32).season(SECRET)
