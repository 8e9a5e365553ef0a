"""What the directory answers: entries, and the result codes that have a meaning here."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

# RFC 4511, section 4.1.9
SUCCESS, SIZE_LIMIT_EXCEEDED, REFERRAL, NO_SUCH_OBJECT, INVALID_DN_SYNTAX = 0, 4, 10, 32, 34


@dataclass(frozen=True, slots=True)
class Entry:
    """What the directory shows of an entry. Attribute names are in lower case, values as they came."""

    dn: str
    attributes: Mapping[str, Sequence[bytes]]

    def texts(self, name: str) -> list[str]:
        """The values of an attribute, those that are text."""
        values = []
        for value in self.attributes.get(name.lower(), ()):
            with suppress(UnicodeDecodeError):
                values.append(value.decode())
        return values
