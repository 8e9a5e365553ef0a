"""Logs: one event a line on standard error, for journald and for people.

What strangers send can't break a line or imitate another one: whatever isn't printable is written as an
escape, in both formats.
"""

import json
import logging
import os
import re
import sys
import traceback
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import structlog
from structlog.typing import EventDict, FilteringBoundLogger

from config import Log

log: FilteringBoundLogger = structlog.get_logger()

_PRIORITIES = {
    "debug": "<7>",
    "info": "<6>",
    "warning": "<4>",
    "error": "<3>",
    "exception": "<3>",
    "critical": "<2>",
}
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
_NEEDS_QUOTES = frozenset(' "=\\')
_SHORT = 100
_ORDINARY = re.compile(r"[!#-<>-\[\]-~]+").fullmatch  # what most values are, told in one step


def configure(settings: Log, worker: int = 0) -> None:
    """Set up format and level. Under systemd each line begins with its priority (sd-daemon(3)).

    `worker` is this process's number where several write to one log.
    """
    written = _as_json if settings.format == "json" else _as_logfmt
    under_systemd = "JOURNAL_STREAM" in os.environ
    whose = {"worker": worker} if worker else {}

    def line(_logger: Any, level: str, event: EventDict) -> str:
        """One processor for all: a login's line is written as often as a login is made."""
        name, error = event.pop("event"), event.pop("exc_info", None)
        if error:
            event["exception"] = "".join(traceback.format_exception(_raised(error)))
        whole = {"timestamp": datetime.now(UTC).isoformat(), "level": level, "event": name, **event, **whose}
        return (_PRIORITIES[level] if under_systemd else "") + written(whole)

    structlog.configure(
        processors=[line],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _raised(error: object) -> BaseException | None:
    return error if isinstance(error, BaseException) else sys.exc_info()[1]


def _as_json(event: EventDict) -> str:
    return json.dumps(event, default=str)


def _as_logfmt(event: EventDict) -> str:
    return " ".join(map("=".join, zip(event, map(_shown, event.values()), strict=True)))


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return _quoted_again(text) if len(text) <= _SHORT else _quoted(text)


def _quoted(text: str) -> str:
    """In quotes where it needs them."""
    if _ORDINARY(text) or (text.isprintable() and text and _NEEDS_QUOTES.isdisjoint(text)):
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


# Nearly all that a login's line says has been said before. What is kept is bounded, whatever strangers send.
_quoted_again = lru_cache(4096)(_quoted)


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()
