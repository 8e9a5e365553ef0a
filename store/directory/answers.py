"""What the directory answers: entries, and the result codes that have a meaning here."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

# RFC 4511, section 4.1.9
SUCCESS, SIZE_LIMIT_EXCEEDED, REFERRAL, NO_SUCH_OBJECT, INVALID_DN_SYNTAX = 0, 4, 10, 32, 34
INSUFFICIENT_ACCESS = 50
# What a bind is answered that was understood and not taken: constraintViolation and unwillingToPerform stand
# for locked accounts at 389 Directory Server.
_CONSTRAINT_VIOLATION, _INAPPROPRIATE_AUTHENTICATION, _INVALID_CREDENTIALS, _UNWILLING = 19, 48, 49, 53
MEANS_NO = frozenset(
    {
        _CONSTRAINT_VIOLATION,
        NO_SUCH_OBJECT,
        _INAPPROPRIATE_AUTHENTICATION,
        _INVALID_CREDENTIALS,
        _UNWILLING,
    }
)


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
