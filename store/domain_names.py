"""The domain of a login name, in the one form in which it is stored: lower-case A-labels."""

import re
import unicodedata

import idna

_LONGEST_DOMAIN = 253
# Host names and, because directories have such domains, the underscore (RFC 1123 section 2.1).
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def normalise_domain(domain: str) -> str | None:
    """The domain in lower case, labels beyond ASCII as A-labels (RFC 5890); None for no valid domain.

    IDNA 2008 keeps `ß` and `ss` apart, so the two stay two domains.
    """
    labels = [_normalise_label(label) for label in unicodedata.normalize("NFC", domain.lower()).split(".")]
    known = [label for label in labels if label is not None]
    joined = ".".join(known)
    return joined if len(known) == len(labels) and len(joined) <= _LONGEST_DOMAIN else None


def _normalise_label(label: str) -> str | None:
    if label.isascii() and not label.startswith("xn--"):
        return label if _LABEL.fullmatch(label) else None
    try:
        return idna.alabel(label).decode("ascii")
    except UnicodeError:
        return None
