"""Why an operation came to nothing, and the result codes that only a directory gives (RFC 4511, A)."""

from dataclasses import dataclass

SIZE_LIMIT_EXCEEDED = 4
COMPARE_FALSE = 5
COMPARE_TRUE = 6
NO_SUCH_ATTRIBUTE = 16
UNDEFINED_ATTRIBUTE_TYPE = 17
AUTHORIZATION_DENIED = 123  # RFC 4370, section 5


@dataclass(frozen=True, slots=True)
class Refusal:
    """A result code, and a sentence that says what to do."""

    code: int
    text: bytes
