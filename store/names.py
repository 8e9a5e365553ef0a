"""Login names: what clients send, turned into the one form in which users are stored and looked up.

The rule (RFC 8265 section 3.3, made stricter): names that differ in case, or in canonically equivalent
characters (NFC), are the same name. Nothing else is folded: a name with compatibility forms such as
full-width letters, with invisible or direction characters, or with inner white space is refused. So no
two names collapse that look or are typed differently, and every normalised name normalises to itself.
"""

import re
import unicodedata
from collections.abc import Mapping

from store.domain_names import normalise_domain
from store.visible import fold, is_plain

LONGEST_NAME = 255

# What nearly every client sends, decided in one step: the long way gives the same answer.
_ORDINARY_LOCAL = re.compile(rb"[A-Za-z0-9._+-]+")
_ORDINARY = re.compile(
    rb"[a-z0-9._+-]+@(?:(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE
)


def normalise_login(
    presented: bytes, default_domain: str, domains: Mapping[str, str], delimiters: str = ""
) -> str | None:
    r"""The normalised login, or None for what can be no name of a user here.

    `DOM\user` and `DOM/user` become `user@` the domain that `domains` has for DOM, in any case. So does
    `user@DOM`, where the keys are in lower case, as the configuration's are. A name without a domain gets the
    default one; where that is empty it stays as it is. Refused are more than 255 bytes, control characters, a
    second `@`, and delegation: a third segment, or a `*`. A tag stays, unless one of `delimiters` begins it.
    """
    name = _normalised(presented, default_domain, domains)
    if name is None or not (domains or delimiters):
        return name
    local, at, domain = name.partition("@")
    return f"{_without_tag(local, delimiters)}{at}{domains.get(domain, domain)}"


def _without_tag(local: str, delimiters: str) -> str:
    """What stands before the first delimiter; all of it where nothing does."""
    begins = [at for delimiter in delimiters if (at := local.find(delimiter)) >= 0]
    return local[: min(begins)] or local if begins else local


def _normalised(presented: bytes, default_domain: str, domains: Mapping[str, str]) -> str | None:
    if len(presented) > LONGEST_NAME:
        return None
    if not default_domain and _ORDINARY_LOCAL.fullmatch(presented):
        return presented.decode("ascii").lower()
    if _ORDINARY.fullmatch(presented) and len(presented) - presented.index(b"@") <= 254:
        return presented.decode("ascii").lower()
    text = _decode(presented)
    if text is None or "*" in text:
        return None
    parts = _split(text, default_domain, domains)
    return _join(*parts) if parts is not None else None


def _decode(presented: bytes) -> str | None:
    try:
        text = presented.decode("utf-8")
    except UnicodeDecodeError:
        text = presented.decode("latin-1")
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        return None
    # Copied settings arrive padded, also with U+00A0.
    return text.strip()


def _split(text: str, default_domain: str, domains: Mapping[str, str]) -> tuple[str, str | None] | None:
    """The local part and the domain, None where a name has none."""
    segments = re.split(r"[\\/]", text)
    if len(segments) == 1:
        local, at, domain = text.partition("@")
        return local, domain if at else (default_domain or None)
    mapped = _mapped(segments[0], domains)
    if len(segments) > 2 or mapped is None or "@" in segments[1]:
        return None
    return segments[1], mapped


def _mapped(short: str, domains: Mapping[str, str]) -> str | None:
    return next((domain for known, domain in domains.items() if known.lower() == short.lower()), None)


def _join(local: str, domain: str | None) -> str | None:
    name = fold(local)
    if name is not None and domain is not None:
        normal = normalise_domain(domain) if is_plain(domain) else None
        name = f"{name}@{normal}" if normal is not None else None
    return name if name is not None and len(name.encode()) <= LONGEST_NAME else None
