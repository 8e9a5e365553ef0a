"""What is generated is recognised, however it is typed, pasted or printed; nothing else is."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.secret import app_password_shape, generate, grouped

SECRET = "abcdefghijklmnop"
letters = st.text(string.ascii_lowercase, min_size=16, max_size=16)
spaces = "\t\n\v\f\r \x85\xa0\u1680\u2003\u2028\u202f\u3000\u200b\u200c\u200d\u2060\ufeff"
dashes = "-_\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
ignored = st.text(spaces + dashes, max_size=2)


def test_a_generated_secret_is_sixteen_letters_and_never_the_same():
    made = {generate() for _ in range(200)}
    assert len(made) == 200
    assert all(len(secret) == 16 and set(secret) <= set(string.ascii_lowercase) for secret in made)


def test_a_secret_is_shown_in_groups_of_four():
    assert grouped(SECRET) == "abcd efgh ijkl mnop"


@given(letters, st.lists(ignored, min_size=17, max_size=17), st.booleans())
def test_spaces_dashes_zero_widths_and_case_do_not_count(secret, gaps, upper):
    shown = "".join(gap + letter for gap, letter in zip(gaps, secret, strict=False)) + gaps[16]
    presented = (shown.upper() if upper else shown).encode()
    assert app_password_shape(presented) == (secret if len(presented) <= 256 else None)


@given(letters)
def test_full_width_letters_are_the_same_letters(secret):
    wide = "".join(chr(ord(letter) - ord("a") + 0xFF41) for letter in secret)
    assert app_password_shape(wide.encode()) == secret


@given(st.binary(max_size=300) | st.text(max_size=60).map(str.encode))
def test_whatever_is_presented_the_answer_has_the_shape_or_is_none(presented):
    shape = app_password_shape(presented)
    assert shape is None or (len(shape) == 16 and set(shape) <= set(string.ascii_lowercase))
    assert shape is None or app_password_shape(shape.encode()) == shape


@pytest.mark.parametrize(
    "presented",
    [
        b"",
        b"abcdefghijklmno",
        b"abcdefghijklmnopq",
        b"abcdefghijklmno1",
        b"abcd.efgh.ijkl.mnop",
        b"abcdefghijklmno\x00p",
        b"abcdefghijklmnop\x1c",
        b"abcdefghijklmnop\xff",
        "abcdefghijklmnoé".encode(),
        "abcdefghijklmno\u0440".encode(),  # the last letter is Cyrillic
        "abcdefghijklmnop".encode("utf-16"),
    ],
)
def test_anything_else_has_no_such_shape(presented):
    assert app_password_shape(presented) is None


def test_sasl_11_more_than_256_bytes_are_refused_before_anything_is_done():
    assert app_password_shape(b" " * 240 + SECRET.encode()) == SECRET
    assert app_password_shape(b" " * 241 + SECRET.encode()) is None
