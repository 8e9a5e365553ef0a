"""One user as a file wants it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from store.model import MfaState

Normalise = Callable[[str], str | None]  # a login name, as it is written; None for what can be none


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line says of a user; None leaves it as it is. Names are normalised."""

    line: int
    login: str
    aliases: tuple[str, ...] | None = None
    mfa: MfaState | None = None
    grace_until: datetime | None = None
    backend_login: str | None = None
    dn: str | None = None
    blocked: bool | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line: a sentence that says what is allowed."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
