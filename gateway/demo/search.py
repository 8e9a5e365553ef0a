"""SEARCH: asks of one message whether it matches the keys of RFC 3501, 6.4.4."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

from gateway.demo.message import Message

Tokens = list[object]  # bytes for a word or string, a list for what stands in parentheses
_FLAGS = {"ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN"}
_HEADERS = {"BCC", "CC", "FROM", "SUBJECT", "TO"}
_DATES: dict[str, Callable[[date, date], bool]] = {
    "BEFORE": lambda there, asked: there < asked,
    "ON": lambda there, asked: there == asked,
    "SINCE": lambda there, asked: there >= asked,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message with its place in the mailbox, and the highest numbers there, which `*` stands for."""

    message: Message
    number: int
    last_number: int
    last_uid: int


def matches(tokens: Tokens, candidate: Candidate) -> bool:
    """True if all keys match. Raises ValueError for an unknown key or one that lacks its value."""
    rest = list(tokens)
    found = True
    while rest:
        # Every key is taken, also after one that fails: a wrong key is an error for all messages alike.
        found = _key(rest, candidate) and found
    return found


def in_set(spec: str, number: int, last: int) -> bool:
    """Whether a sequence set such as `1,3:*` names the number."""
    if not re.fullmatch(r"(\d{1,10}|\*)(:(\d{1,10}|\*))?(,(\d{1,10}|\*)(:(\d{1,10}|\*))?)*", spec):
        raise ValueError(f"unknown search key {spec[:40]!r}")
    for item in spec.split(","):
        ends = [last if end == "*" else int(end) for end in item.split(":")]
        if min(ends) <= number <= max(ends):
            return True
    return False


def _key(rest: Tokens, candidate: Candidate) -> bool:
    if rest and isinstance(rest[0], list):
        return matches(rest.pop(0), candidate)  # type: ignore[arg-type]
    word = _word(rest).upper()
    if word == "NOT":
        return not _key(rest, candidate)
    if word == "OR":
        left, right = _key(rest, candidate), _key(rest, candidate)
        return left or right
    if word == "UID":
        return in_set(_word(rest), candidate.message.uid, candidate.last_uid)
    if word[:1].isdigit() or word[:1] == "*":
        return in_set(word, candidate.number, candidate.last_number)
    return _of_message(word, rest, candidate.message)


def _of_message(word: str, rest: Tokens, message: Message) -> bool:
    flag = word.removeprefix("UN")
    if flag in _FLAGS:
        return (f"\\{flag.capitalize()}" in message.flags) == (flag == word)
    if flag == "KEYWORD":
        return (_word(rest).lower() in {known.lower() for known in message.flags}) == (flag == word)
    if word in ("ALL", "OLD"):
        return True
    if word in ("NEW", "RECENT"):
        return False  # this server keeps no \Recent
    if word in ("LARGER", "SMALLER"):
        limit = int(_word(rest))
        return len(message.octets) > limit if word == "LARGER" else len(message.octets) < limit
    if word.removeprefix("SENT") in _DATES:
        return _by_date(word, _word(rest), message)
    return _by_text(word, rest, message)


def _by_text(word: str, rest: Tokens, message: Message) -> bool:
    if word in _HEADERS or word == "HEADER":
        name = _word(rest) if word == "HEADER" else word
        asked = _word(rest).casefold()
        return any(asked in _decoded(value).casefold() for value in message.root().fields().get_all(name, []))
    if word in ("BODY", "TEXT"):
        octets = message.octets if word == "TEXT" else message.root().body
        return _word(rest).casefold() in octets.decode("utf-8", "replace").casefold()
    raise ValueError(f"unknown search key {word[:40]!r}")


def _by_date(word: str, asked: str, message: Message) -> bool:
    there: datetime | None = message.received
    if word.startswith("SENT"):
        try:
            there = parsedate_to_datetime(str(message.root().fields()["date"]))
        except ValueError:
            there = None
    # strptime reads the month's English name in the C locale, in which Python programs start.
    day = datetime.strptime(asked, "%d-%b-%Y").date()
    return there is not None and _DATES[word.removeprefix("SENT")](there.date(), day)


def _decoded(value: object) -> str:
    try:
        return str(make_header(decode_header(str(value))))
    except (ValueError, LookupError):
        return str(value)


def _word(rest: Tokens) -> str:
    if not rest or not isinstance(rest[0], bytes):
        raise ValueError("a search key lacks its value")
    return rest.pop(0).decode("utf-8", "replace")  # type: ignore[attr-defined,no-any-return]
