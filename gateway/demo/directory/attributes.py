"""The attribute types of the demo's directory, and how their values compare."""

import re
import unicodedata

# As each is told, with its other names: RFC 4512, section 3.3, RFC 4519, section 2, RFC 4524, section 2.
_TYPES = {
    "objectClass": ("2.5.4.0",),
    "dc": ("domainComponent", "0.9.2342.19200300.100.1.25"),
    "ou": ("organizationalUnitName", "2.5.4.11"),
    "uid": ("userid", "0.9.2342.19200300.100.1.1"),
    "cn": ("commonName", "2.5.4.3"),
    "sn": ("surname", "2.5.4.4"),
    "givenName": ("gn", "2.5.4.42"),
    "mail": ("rfc822Mailbox", "0.9.2342.19200300.100.1.3"),
    "telephoneNumber": ("2.5.4.20",),
    "postalAddress": ("2.5.4.16",),
    "description": ("2.5.4.13",),
}
_TOLD = {name.lower(): told for told, others in _TYPES.items() for name in (told, *others)}
_BLANKS = re.compile(r"\s+")
_BETWEEN_DIGITS = re.compile(r"[\s-]+")


def told_name(described: bytes) -> str | None:
    """How an attribute is called here that a client names in some way; None for one that isn't known."""
    return _TOLD.get(described.decode("ascii", "replace").lower())


def prepared(attribute: str, octets: bytes) -> str | None:
    """A value, or a piece of one, without all that makes no difference (RFC 4518); None if it's no text.

    White space at its ends counts for pieces, and becomes one space; whole values are to be stripped of it.
    """
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return None
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if attribute == "telephoneNumber":
        return _BETWEEN_DIGITS.sub("", folded)  # RFC 4517, section 4.2.29
    return _BLANKS.sub(" ", folded)


def prepared_whole(attribute: str, octets: bytes) -> str | None:
    """A whole value; None if it's no text."""
    text = prepared(attribute, octets)
    return text.strip() if text is not None else None
