"""The grammar of distinguished names (RFC 4514, section 3): a text, taken apart.

What a name means, and which names are the same, is the business of store/distinguished_name.py.
"""

import re
import unicodedata
from dataclasses import dataclass

LONGEST_DN = 1024  # bytes
MOST_RDNS = 32

# RFC 4514, section 3: `descr` or `numericoid`, the latter without leading zeros (RFC 4512, section 1.4).
_TYPE = r"(?P<type>[A-Za-z][A-Za-z0-9-]*|(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+)"
_HEX = r"#(?P<hex>(?:[0-9A-Fa-f]{2})+)"
# What has to be escaped stands for itself nowhere. Unescaped white space around a value was allowed by
# RFC 2253, section 4, and is still sent.
_TEXT = r'(?P<text>(?:[^\\,+"<>;\x00]|\\(?:[ #=\\,+"<>;]|[0-9A-Fa-f]{2}))*)'
_AVA = re.compile(rf" *{_TYPE} *= *+(?:{_HEX} *|(?!#){_TEXT})(?P<separator>[,+]|\Z)")
_ESCAPE = re.compile(rb"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ava:
    """An attribute type as it was written, and its value; bytes where that was written as `#hex`."""

    type: str
    value: str | bytes


Rdn = tuple[Ava, ...]


def split_dn(text: str) -> tuple[Rdn, ...] | None:
    """The RDNs of a distinguished name, None where it isn't one, is empty, or has more than 32 of them."""
    rdns: list[Rdn] = []
    avas: list[Ava] = []
    position, separator = 0, ","
    while separator:
        found = _AVA.match(text, position)
        ava = _ava(found) if found else None
        if found is None or ava is None or len(rdns) == MOST_RDNS:
            return None
        avas.append(ava)
        position, separator = found.end(), found["separator"]
        if separator != "+":
            rdns.append(tuple(avas))
            avas = []
    return tuple(rdns)


def is_written_plainly(text: str) -> bool:
    """Whether it's a DN of which every character can be seen, in the form that names here have."""
    rdns = split_dn(text) if len(text.encode("utf-8", "replace")) <= LONGEST_DN else None
    values = [ava.value for rdn in rdns or () for ava in rdn]
    return bool(values) and all(isinstance(value, str) and _is_visible(value) for value in values)


def _is_visible(value: str) -> bool:
    same = unicodedata.normalize("NFKC", value) == unicodedata.normalize("NFC", value)
    return same and value.isprintable() and bool(value.strip())


def _ava(found: re.Match[str]) -> Ava | None:
    if found["hex"] is not None:
        return Ava(found["type"], bytes.fromhex(found["hex"]))
    value = _unescaped(_trimmed(found["text"]))
    return None if value is None else Ava(found["type"], value)


def _trimmed(text: str) -> str:
    """Without the unescaped spaces at its end: a backslash before the last one keeps that."""
    bare = text.rstrip(" ")
    escaped = len(bare) < len(text) and (len(bare) - len(bare.rstrip("\\"))) % 2 == 1
    return bare + " " if escaped else bare


def _unescaped(text: str) -> str | None:
    if "\\" not in text:
        return text
    try:
        octets = _ESCAPE.sub(lambda match: _octet(match[1]), text.encode())
        return octets.decode()
    except UnicodeError:  # escaped octets that are no UTF-8
        return None


def _octet(escaped: bytes) -> bytes:
    return bytes.fromhex(escaped.decode()) if len(escaped) == 2 else escaped
