"""How far a client and its server have come with each other after the login, seen from the side.

Nobody here answers or changes anything. It's for the moment when the gateway has to end a session: never in
the middle of a message, and never while an answer is outstanding, least of all that to a message's last dot.
Whoever loses that one sends the message again (RFC 5321, section 4.5.3.2.6; RFC 1047).
"""

_END = b"\r\n.\r\n"
_LONGEST = 4096  # bytes of a line that are looked at
_OUTSIDE = (b"RSET", b"EHLO", b"HELO", b"LHLO", b"QUIT")


class Progress:
    """`idle` tells whether both sides could part now without leaving anything half done."""

    __slots__ = ("_answer", "_chunk", "_in_data", "_in_message", "_last", "_line", "_tail", "_unanswered")

    def __init__(self) -> None:
        self._line = b""  # what the client has said of a command
        self._answer = b""  # what the server has said of a line
        self._unanswered = 0
        self._in_message = False  # from MAIL on, until the message's answer
        self._in_data = False
        self._tail = b""
        self._chunk = 0  # bytes that are left of a BDAT
        self._last = False  # the answer to come next is that to a whole message

    @property
    def idle(self) -> bool:
        halves = self._line or self._answer or self._chunk or self._in_data
        return not (halves or self._unanswered or self._in_message)

    def heard(self, data: bytes) -> None:
        """The client says this."""
        while data:
            if self._in_data:
                data = self._hear_text(data)
            elif self._chunk:
                skipped = min(self._chunk, len(data))
                self._chunk -= skipped
                data = data[skipped:]
            else:
                data = self._hear_line(data)

    def answered(self, data: bytes) -> None:
        """The server says this."""
        *lines, rest = (self._answer + data).split(b"\n")
        self._answer = rest[:_LONGEST]
        for line in lines:
            if line[3:4] != b"-":  # RFC 5321, section 4.2.1: more lines follow a hyphen
                self._note_answer(line)

    def _hear_text(self, data: bytes) -> bytes:
        """Text up to its last dot (RFC 5321, section 4.1.1.4). Returns what is behind it."""
        whole = self._tail + data
        end = whole.find(_END)
        if end < 0:
            self._tail = whole[-len(_END) + 1 :]
            return b""
        self._in_data, self._last = False, True
        self._unanswered += 1
        return whole[end + len(_END) :]

    def _hear_line(self, data: bytes) -> bytes:
        line, newline, rest = data.partition(b"\n")
        self._line = (self._line + line)[:_LONGEST]
        if newline:
            self._note_command(self._line.upper().split())
            self._line = b""
        return rest

    def _note_command(self, words: list[bytes]) -> None:
        self._unanswered += 1
        verb = words[0] if words else b""
        if verb == b"MAIL":
            self._in_message, self._last = True, False
        elif verb in _OUTSIDE:
            self._in_message = False
        elif verb == b"BDAT" and len(words) > 1 and words[1].isdigit() and len(words[1]) < 20:
            self._chunk = int(words[1])  # RFC 3030, section 2: so many bytes follow at once
            self._last = words[2:] == [b"LAST"]

    def _note_answer(self, line: bytes) -> None:
        self._unanswered = max(0, self._unanswered - 1)
        if line.startswith(b"354"):
            self._in_data, self._tail = True, _END[:2]  # the text begins with a line
        elif self._last and not self._unanswered:
            self._in_message = self._last = False
