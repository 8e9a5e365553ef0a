"""One stored message: its flags and its octets, and the parts that IMAP can ask for by number."""

# ruff: noqa: N802 - Twisted's server asks a message for its properties by these names.
import re
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import Message as Headers
from email.utils import format_datetime

_DEEPEST = 16
_FIELD = re.compile(rb"([^\r\n:]*)[^\r\n]*\r?\n(?:[ \t]+[^\r\n]*\r?\n)*")


@dataclass(frozen=True, slots=True)
class Part:
    """A MIME entity: its header with the blank line, its body, and what is inside (RFC 2045, 2046)."""

    header: bytes
    body: bytes
    children: tuple["Part", ...] = ()
    enclosed: "Part | None" = None

    def fields(self) -> Headers:
        return message_from_bytes(self.header)

    def find(self, path: tuple[int, ...]) -> "Part | None":
        """The part with this number, counted from 0 on every level (RFC 3501, 6.4.5), or None."""
        part = self
        for number in path:
            part = part.enclosed or part
            if part.children:
                if not 0 <= number < len(part.children):
                    return None
                part = part.children[number]
            elif number != 0:
                return None
        return part


@dataclass(slots=True)
class Message:
    uid: int
    octets: bytes
    received: datetime
    flags: set[str] = field(default_factory=set)

    def root(self) -> Part:
        return parse(self.octets)

    def getUID(self) -> int:
        return self.uid

    def getFlags(self) -> list[str]:
        return sorted(self.flags)

    def getInternalDate(self) -> str:
        return format_datetime(self.received)

    def getSize(self) -> int:
        return len(self.octets)


def parse(octets: bytes, depth: int = 0) -> Part:
    """Take a message apart. What can't be taken apart stays one part; nothing raises."""
    header, body = _split(octets)
    fields = message_from_bytes(header)
    if depth < _DEEPEST:
        if fields.get_content_type() == "message/rfc822":
            return Part(header, body, enclosed=parse(body, depth + 1))
        boundary = fields.get_boundary()
        if fields.get_content_maintype() == "multipart" and boundary:
            return Part(header, body, tuple(parse(child, depth + 1) for child in _between(body, boundary)))
    return Part(header, body)


def select_fields(header: bytes, names: set[str], negate: bool) -> bytes:
    """The fields with these lower-case names, or the others, and the blank line after them."""
    kept = [
        match[0]
        for match in _FIELD.finditer(header)
        if match[1] and (match[1].decode("latin-1").strip().lower() in names) != negate
    ]
    return b"".join(kept) + b"\r\n"


def _split(octets: bytes) -> tuple[bytes, bytes]:
    if octets.startswith(b"\r\n"):
        return octets[:2], octets[2:]
    header, blank, body = octets.partition(b"\r\n\r\n")
    return (header + blank, body)


def _between(body: bytes, boundary: str) -> list[bytes]:
    """The octets between the delimiter lines; the CRLF before one belongs to it (RFC 2046, 5.1.1)."""
    mark = re.escape(boundary.encode("ascii", "replace"))
    lines = list(re.finditer(rb"(?:\A|\r\n)--" + mark + rb"(--)?[ \t]*(?=\r\n|\Z)", body))
    ends = [line.start() for line in lines[1:]] + [len(body)]
    return [body[line.end() + 2 : end] for line, end in zip(lines, ends, strict=True) if not line[1]]
