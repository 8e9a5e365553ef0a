"""Users in a CSV file (RFC 4180), with a first line that names the columns.

The bulk template of Microsoft's per-user MFA page (`Username,MFA Status`) is one of these files.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from store.distinguished_name import normalise_dn
from store.importing.entry import Entry, Normalise, Problem, Read
from store.model import MfaState
from store.printable import printable

_ALLOWED = "login, aliases, mfa, grace_until, backend_login, dn and blocked"
_COLUMNS = {
    "login": "login",
    "user": "login",
    "username": "login",
    "user name": "login",
    "userprincipalname": "login",
    "user principal name": "login",
    "aliases": "aliases",
    "mfa": "mfa",
    "mfa status": "mfa",
    "mfa state": "mfa",
    "grace_until": "grace_until",
    "backend_login": "backend_login",
    "dn": "dn",
    "blocked": "blocked",
}
_YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_LONGEST = 255


class _Wrong(Exception):
    """A value that can't be taken; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns rows into entries."""

    columns: Sequence[str]
    normalise: Normalise

    def entry(self, line: int, row: Sequence[str]) -> Entry:
        """Raises _Wrong. An empty value leaves as it is what the user has."""
        if len(row) != len(self.columns):
            raise _Wrong(f"it has {len(row)} values, and the first line names {len(self.columns)} columns.")
        given = {name: value.strip() for name, value in zip(self.columns, row, strict=True) if value.strip()}
        if "login" not in given:
            raise _Wrong("the login is missing.")
        values: dict[str, Any] = {name: self._read(name, value) for name, value in given.items()}
        if "grace_until" in values and values.get("mfa") is not MfaState.ENABLED:
            raise _Wrong("grace_until goes with the MFA state enabled only.")
        return Entry(line, **values)

    def _read(self, column: str, value: str) -> Any:
        if column == "login":
            return self._name(value)
        if column == "aliases":
            return tuple(dict.fromkeys(self._name(one) for one in value.replace(";", " ").split()))
        return _READERS[column](value)

    def _name(self, value: str) -> str:
        name = self.normalise(value)
        if name is None:
            raise _Wrong(f"{_quoted(value)} can be no login name; write it as in user@example.org.")
        return name


def read_csv(text: str, normalise: Normalise) -> Read:
    """Every user of the file, by comma or semicolon. Columns may come in any order and any case."""
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    entries: list[Entry] = []
    problems: list[Problem] = []
    reader: _Reader | None = None
    try:
        for row in rows:
            if not any(value.strip() for value in row):
                continue
            try:
                if reader is None:
                    reader = _Reader(_columns(row), normalise)
                else:
                    entries.append(reader.entry(rows.line_num, row))
            except _Wrong as wrong:
                problems.append(Problem(rows.line_num, str(wrong)))
                if reader is None:
                    break
    except csv.Error as error:
        problems.append(Problem(rows.line_num, f"it is not CSV: {error}."))
    return Read(tuple(entries), tuple(problems))


def _columns(row: Sequence[str]) -> list[str]:
    names = [value.strip().lower() for value in row]
    unknown = [_quoted(name) for name in names if name not in _COLUMNS]
    if unknown:
        raise _Wrong(f"there is no column {', '.join(unknown)}. Allowed are {_ALLOWED}.")
    columns = [_COLUMNS[name] for name in names]
    if "login" not in columns or len(set(columns)) < len(columns):
        raise _Wrong(f"the first line has to name the column login, and none twice. Allowed are {_ALLOWED}.")
    return columns


def _mfa(value: str) -> MfaState:
    try:
        return MfaState(value.lower())
    except ValueError:
        raise _Wrong(f"{_quoted(value)} is no MFA state; allowed are {', '.join(MfaState)}.") from None


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _Wrong(f"{_quoted(value)} is not a date; write it as in 2027-01-31 (UTC).") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _one_line(value: str) -> str:
    if not value.isprintable() or len(value) > _LONGEST:
        raise _Wrong(f"backend_login has to be 1 to {_LONGEST} characters, without control characters.")
    return value


def _dn(value: str) -> str:
    if normalise_dn(value) is None:
        raise _Wrong(f"{_quoted(value)} is not a DN; write it as in uid=fritz,ou=people,dc=example,dc=org.")
    return value


def _blocked(value: str) -> bool:
    if value.lower() not in _YES_OR_NO:
        raise _Wrong(f"{_quoted(value)} is neither yes nor no.")
    return _YES_OR_NO[value.lower()]


def _quoted(value: str) -> str:
    return f'"{printable(value, _LONGEST)}"'


_READERS: dict[str, Callable[[str], Any]] = {
    "mfa": _mfa,
    "grace_until": _moment,
    "backend_login": _one_line,
    "dn": _dn,
    "blocked": _blocked,
}
