"""The secret of an app password: how it is made, shown, and recognised in what a client presents."""

import re
import secrets
import string
import unicodedata

LENGTH = 16
_LONGEST_PRESENTED = 256

_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
_DASHES = "-_\u2212" + "".join(map(chr, range(0x2010, 0x2016)))
_IGNORED = dict.fromkeys(map(ord, _SPACES + _ZERO_WIDTH + _DASHES))
_IGNORED_ASCII = bytes(code for code in _IGNORED if code < 128)
_SHAPE = re.compile(r"[a-z]{16}")


def generate() -> str:
    """A new secret: 16 letters a to z, 75 bits. Letters only: phones and printers type them unshifted."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(LENGTH))


def grouped(secret: str) -> str:
    """The secret in groups of four, for people to read."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def app_password_shape(presented: bytes) -> str | None:
    """The 16 letters, if what the client sent has the shape of an app password; None for anything else.

    White space, zero-width characters and dashes don't count, nor does case or a compatibility form
    such as full-width letters. More than 256 bytes, or bytes that are not UTF-8, have no such shape.
    """
    if len(presented) > _LONGEST_PRESENTED:
        return None
    if presented.isascii():
        letters = presented.translate(None, _IGNORED_ASCII)
        return letters.lower().decode("ascii") if len(letters) == LENGTH and letters.isalpha() else None
    return _unicode_shape(presented)


def _unicode_shape(presented: bytes) -> str | None:
    try:
        text = unicodedata.normalize("NFKC", presented.decode("utf-8"))
    except UnicodeDecodeError:
        return None
    letters = text.translate(_IGNORED).casefold()
    return letters if _SHAPE.fullmatch(letters) else None
