"""Logs: one event a line on standard error, for journald and for people.

What strangers send can't break a line or imitate another one: whatever isn't printable is written as an
escape, in both formats.
"""

import logging
import os
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from config import Log

log: FilteringBoundLogger = structlog.get_logger()

_PRIORITIES = {"debug": "<7>", "info": "<6>", "warning": "<4>", "error": "<3>", "critical": "<2>"}
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
_FIRST = ("timestamp", "level", "event")
_NEEDS_QUOTES = frozenset(' "=\\')


def configure(settings: Log) -> None:
    """Set up format and level. Under systemd each line begins with its priority (sd-daemon(3))."""
    as_json = structlog.processors.JSONRenderer()
    render: Processor = as_json if settings.format == "json" else _logfmt
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _prioritised(render) if "JOURNAL_STREAM" in os.environ else render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _prioritised(render: Processor) -> Processor:
    def prioritised(logger: Any, method: str, event: EventDict) -> str:
        priority = _PRIORITIES[event["level"]]
        return f"{priority}{render(logger, method, event)!s}"

    return prioritised


def _logfmt(_logger: Any, _method: str, event: EventDict) -> str:
    pairs = [(key, event.pop(key)) for key in _FIRST]
    return " ".join([f"{key}={_shown(value)}" for key, value in [*pairs, *event.items()]])


def _shown(value: object) -> str:
    text = "" if value is None else str(value)
    if text.isprintable() and text and _NEEDS_QUOTES.isdisjoint(text):
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()
