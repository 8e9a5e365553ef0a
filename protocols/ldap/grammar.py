"""OIDs and names of attributes (RFC 4512, sections 1.4 and 2.5).

They are held against lists here and by the directory. If the two read them differently, a name that is on no
list of the gateway's may be one for the directory, such as `userPassword` with a NUL behind it.
"""

import re

from protocols.ldap.objections import NotUnderstood

_ARC = rb"(?:0|[1-9][0-9]{0,38})"
_NUMBER = rb"%b(?:\.%b){1,60}" % (_ARC, _ARC)
# Some directories name attributes with underscores, which the RFC doesn't know.
_NAME = rb"[A-Za-z][A-Za-z0-9_-]*"
_OPTIONS = rb"(?:;[A-Za-z0-9-]+)*"
_OID = re.compile(_NUMBER)
_RULE = re.compile(rb"%b|%b" % (_NAME, _NUMBER))
_DESCRIPTION = re.compile(rb"(?:%b|%b)%b" % (_NAME, _NUMBER, _OPTIONS))
_BY_NAME = re.compile(_NAME + _OPTIONS)
# *, +, 1.1 (RFC 4511, section 4.5.1.8), @class (RFC 4529), ;range=0-* (Active Directory)
_SELECTORS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.;=*+@!"


def expect_oid(text: bytes) -> None:
    """Raises `NotUnderstood` for what is no numeric OID."""
    if not _OID.fullmatch(text):
        raise NotUnderstood(b"An OID is numbers with dots between them")


def expect_rule(text: bytes) -> None:
    """The same for a matching rule, by its number or its name."""
    if not _RULE.fullmatch(text):
        raise NotUnderstood(b"A matching rule is named by an OID or a name")


def expect_description(text: bytes) -> None:
    """The same for an attribute, by its number or its name, with options."""
    if not (text.isalpha() or _DESCRIPTION.fullmatch(text)):
        raise NotUnderstood(b"An attribute is named by letters, digits and hyphens, or by an OID")


def expect_selectors(texts: list[bytes]) -> None:
    """The same for attributes that are asked for. They select what is shown, and nothing else."""
    if b"".join(texts).translate(None, _SELECTORS):
        raise NotUnderstood(b"An attribute that is asked for has a character that none has")


def is_by_name(text: bytes) -> bool:
    """Whether an attribute is described by its name, and by nothing that could be read in another way."""
    return text.isalpha() or _BY_NAME.fullmatch(text) is not None
