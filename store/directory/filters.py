"""Search filters with values of strangers in them (RFC 4515)."""

import re

_PLACEHOLDER = re.compile(r"\{(login|local|domain)\}")
# RFC 4515, section 3: these have to be escaped; controls are so as to keep logs in order.
_SPECIAL = re.compile(r"[\x00-\x1f\x7f()*\\]")


def escape_assertion(value: str) -> str:
    """The value as it stands in a filter, meaning nothing but itself."""
    return _SPECIAL.sub(lambda match: f"\\{ord(match[0]):02x}", value)


def filter_for(template: str, login: str) -> str | None:
    """The template with the login and its parts in it; None where it needs a domain that the login lacks.

    It is filled in one pass: what looks like a placeholder in a login is a part of that login.
    """
    local, _, domain = login.partition("@")
    parts = {"login": login, "local": local, "domain": domain}
    if not domain and "{domain}" in template:
        return None
    return _PLACEHOLDER.sub(lambda match: escape_assertion(parts[match[1]]), template)


def both(one: str, other: str) -> str:
    """The filter that matches what both match; an empty one matches all."""
    return f"(&{one}{other})" if one and other else one or other
