"""The directory's own count of changes, by which a sync asks for what is new."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from store.directory.answers import Entry

if TYPE_CHECKING:
    from store.directory.connection import DirectoryConnection

# RFC 4517, section 3.3.13, as directories write operational times.
_TIME = re.compile(r"(?P<seconds>[0-9]{14})(?:\.(?P<fraction>[0-9]{1,9}))?Z")
_NO_VALUE = ("", "")


@dataclass(frozen=True, slots=True)
class Counter:
    """`attribute` rises with every change of an entry. `name` tells apart what can't be compared.

    `newest` is the directory's highest value, where it tells that.
    """

    name: str
    attribute: Literal["modifyTimestamp", "uSNChanged"]
    newest: str | None = None

    def since(self, cursor: str) -> str:
        """The filter for what changed since. It includes the moment itself: more may have changed in it."""
        return f"({self.attribute}>={cursor})"

    def next_cursor(self, entries: Iterable[Entry], cursor: str, seconds: float) -> str:
        """The greatest value seen, or the cursor that was; empty where there is none.

        What changed in the `seconds` that reading took may have been read before it changed: such values
        don't count.
        """
        seen = (value for entry in entries for value in entry.texts(self.attribute))
        greatest = max(seen, key=self._rank, default="")
        return max(cursor, self._before(greatest, seconds), key=self._rank)

    def was_set_back(self, cursor: str) -> bool:
        """Whether the directory is older than what was seen of it, as after a restored backup."""
        return self.newest is not None and self._rank(self.newest) < self._rank(cursor)

    def _before(self, greatest: str, seconds: float) -> str:
        if self._rank(greatest) == _NO_VALUE:
            return ""
        if self.attribute == "uSNChanged":
            return min(greatest, self.newest or greatest, key=self._rank)
        try:
            moment = datetime.strptime(greatest[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:  # a 31st of February
            return ""
        return f"{moment - timedelta(seconds=math.ceil(seconds)):%Y%m%d%H%M%S}Z"

    def _rank(self, value: str) -> tuple[str, str]:
        """Comparable; the lowest for what is no value of the counter."""
        if self.attribute == "uSNChanged":
            return (value.zfill(20), "0") if value.isascii() and value.isdecimal() else _NO_VALUE
        found = _TIME.fullmatch(value)
        return (found["seconds"], (found["fraction"] or "0").ljust(9, "0")) if found else _NO_VALUE


def read_counter(connection: "DirectoryConnection") -> Counter:
    """Active Directory's update sequence number, which each of its servers has for itself; else the time.

    See MS-ADTS, section 3.1.1.1.9.
    """
    [root] = connection.search("", "BASE", "(objectClass=*)", ("highestCommittedUSN", "dsServiceName")) or [
        Entry("", {})
    ]
    newest = root.texts("highestCommittedUSN")
    if newest:
        return Counter(f"uSNChanged {' '.join(root.texts('dsServiceName'))}", "uSNChanged", newest[0])
    return Counter("modifyTimestamp", "modifyTimestamp")
