"""The grammar of search filters (RFC 4515, section 3), as far as it takes to find an administrator's slip."""

import re

DEEPEST = 32

_VALUE = r"(?:[^()\\\x00]|\\[0-9A-Fa-f]{2})*"
_ATTRIBUTE = r"(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+)(?:;[A-Za-z0-9-]+)*"
_RULE = r"[A-Za-z0-9.-]+"
_ITEM = re.compile(
    rf"{_ATTRIBUTE}[~<>]?={_VALUE}|{_ATTRIBUTE}(?::dn)?(?::{_RULE})?:={_VALUE}|(?::dn)?:{_RULE}:={_VALUE}"
)
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|[{}]")


def is_filter(text: str) -> bool:
    """Whether the text is one filter, from its first parenthesis to its last."""
    return _end(text, 0, 0) == len(text)


def placeholders(text: str) -> list[str]:
    """All that stands in braces, and braces that stand alone."""
    return _PLACEHOLDER.findall(text)


def _end(text: str, start: int, depth: int) -> int | None:
    """Where the filter that begins at `start` ends; None when none begins there."""
    if depth > DEEPEST or text[start : start + 1] != "(":
        return None
    kind = text[start + 1 : start + 2]
    if kind and kind in "&|!":
        end = _end_of_list(text, start + 2, depth, one=kind == "!")
    else:
        item = _ITEM.match(text, start + 1)
        end = item.end() if item else None
    return end + 1 if end is not None and text[end : end + 1] == ")" else None


def _end_of_list(text: str, start: int, depth: int, *, one: bool) -> int | None:
    """The end of the filters behind `&` and `|`, at least one, or of the only one behind `!`."""
    end = _end(text, start, depth + 1)
    while not one and end is not None and text[end : end + 1] == "(":
        end = _end(text, end, depth + 1)
    return end
