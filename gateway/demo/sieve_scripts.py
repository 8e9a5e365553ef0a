"""A user's Sieve scripts in memory: kept, and at most one of them active (RFC 5804, section 1.4)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.demo.sieve_syntax import fault

MOST_SCRIPTS = 32
LARGEST_SCRIPT = 128 * 1024
_LONGEST_NAME = 512  # octets: the 128 characters that must fit, with four octets each
_FORBIDDEN = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029]")  # RFC 5804, section 1.6


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: a response code of RFC 5804, section 1.3, or "", and a sentence."""

    code: str
    text: str


_MISSING = Refusal("NONEXISTENT", "There is no script with this name; LISTSCRIPTS tells which there are")
_BAD_NAME = Refusal("", f"A name has 1 to {_LONGEST_NAME} octets of UTF-8 and no control characters")


class Scripts:
    """What changes them returns why it didn't, or None."""

    def __init__(self) -> None:
        self._scripts: dict[str, bytes] = {}
        self._active: str | None = None

    def listed(self) -> Iterator[tuple[str, bool]]:
        """Names, and which is active."""
        return iter([(name, name == self._active) for name in self._scripts])

    def get(self, name: bytes) -> bytes | Refusal:
        found = self._scripts.get(_decoded(name) or "")
        return _MISSING if found is None else found

    def has_space(self, name: bytes, size: int) -> Refusal | None:
        key = _decoded(name)
        if key is None:
            return _BAD_NAME
        if size > LARGEST_SCRIPT:
            return Refusal("QUOTA/MAXSIZE", f"A script may have {LARGEST_SCRIPT} octets; make it shorter")
        if key not in self._scripts and len(self._scripts) >= MOST_SCRIPTS:
            return Refusal("QUOTA/MAXSCRIPTS", f"There may be {MOST_SCRIPTS} scripts; delete one first")
        return None

    def check(self, script: bytes) -> Refusal | None:
        found = fault(script)
        return Refusal("", found) if found else None

    def put(self, name: bytes, script: bytes) -> Refusal | None:
        refusal = self.has_space(name, len(script)) or self.check(script)
        key = _decoded(name)
        if refusal is None and key is not None:
            self._scripts[key] = script
        return refusal

    def set_active(self, name: bytes) -> Refusal | None:
        """With an empty name none is (RFC 5804, section 2.8)."""
        key = _decoded(name)
        if name and key not in self._scripts:
            return _MISSING
        self._active = key
        return None

    def delete(self, name: bytes) -> Refusal | None:
        key = _decoded(name)
        if key is None or key not in self._scripts:
            return _MISSING
        if key == self._active:
            return Refusal("ACTIVE", "The active script can't be deleted; make another one active first")
        del self._scripts[key]
        return None

    def rename(self, old: bytes, new: bytes) -> Refusal | None:
        """It stays active if it was (RFC 5804, section 2.11.1)."""
        key, other = _decoded(old), _decoded(new)
        if other is None:
            return _BAD_NAME
        if key is None or key not in self._scripts:
            return _MISSING
        if other in self._scripts:
            return Refusal("ALREADYEXISTS", "There is a script with the new name already; choose another")
        self._scripts[other] = self._scripts.pop(key)
        self._active = other if self._active == key else self._active
        return None


def _decoded(name: bytes) -> str | None:
    """The name, or None if no script may have it."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return None
    return None if not text or len(name) > _LONGEST_NAME or _FORBIDDEN.search(text) else text
