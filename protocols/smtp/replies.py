"""Replies of an SMTP server (RFC 5321, section 4.2)."""

import re
from dataclasses import dataclass

from protocols.dialogue import Buffer, Dialogue, ProtocolError

_MAX_LINE = 2048  # section 4.5.3.1.5 asks for 512; servers say more
_MAX_LINES = 100
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    """`lines` come without the code; there is at least one."""

    code: int
    lines: tuple[bytes, ...]

    @property
    def text(self) -> bytes:
        """The last line, which in a reply of several is what it comes to."""
        return self.lines[-1]


def read_reply(buffer: Buffer) -> Dialogue[Reply]:
    """The next reply, however many lines it has. Raises `ProtocolError` for what is none."""
    codes: set[bytes] = set()
    lines: list[bytes] = []
    while len(lines) < _MAX_LINES:
        match = _LINE.fullmatch((yield from buffer.read_line(_MAX_LINE)))
        if match is None:
            raise ProtocolError("the backend sent a line that is no reply")
        codes.add(match[1])
        lines.append(match[3] or b"")
        if match[2] != b"-":
            break
    else:
        raise ProtocolError("the backend talks without an end")
    if len(codes) != 1:
        raise ProtocolError("the backend sent a reply with two codes")
    return Reply(int(match[1]), tuple(lines))
