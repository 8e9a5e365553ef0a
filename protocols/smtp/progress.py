"""How far a client and its server have come with each other after the login, seen from the side.

Nothing here answers or changes anything. It's for the moment when the gateway has to end a session: never in
the middle of a message, and never while an answer is outstanding, least of all that to a message's last dot.
A client that loses that one sends the message again (RFC 5321, section 4.5.3.2.6; RFC 1047).

Both sides may send what they like, as much as they like, and this runs in the event loop: it works by
positions in what was read, looks at a bounded number of lines at a time, and of a message's text only at the
end of each piece. Where that isn't enough to tell how far they are, the session counts as busy for good: it
then ends with the drain instead of before.
"""

Octets = bytes | bytearray

_END = b"\r\n.\r\n"
_OVERLAP = len(_END) - 1
_LOOKED_AT = 2048  # bytes at the end of a piece of text: the last dot, and commands sent along behind it
_LONGEST = 4096  # bytes of a command
_MARK = 4  # bytes of an answer's line: the code, and whether more lines follow
_MOST_UNANSWERED = 500  # commands
_MOST_LINES = 1000  # of answers since the client last spoke
_OUTSIDE = (b"RSET", b"EHLO", b"HELO", b"LHLO", b"QUIT")


class Progress:
    """`idle` tells whether both sides could part now without leaving anything half done."""

    __slots__ = (
        "_answer",
        "_chunk",
        "_in_data",
        "_in_message",
        "_last",
        "_line",
        "_lines",
        "_lost",
        "_tail",
        "_unanswered",
    )

    def __init__(self) -> None:
        self._line = b""  # what the client has said of a command
        self._answer = b""  # the first bytes of what the server has said of a line
        self._lines = 0  # that the server has said since the client spoke
        self._unanswered = 0
        self._in_message = False  # from MAIL on, until the message's answer
        self._in_data = False
        self._tail = b""  # of the text
        self._chunk = 0  # bytes that are left of a BDAT
        self._last = False  # the answer to come next is that to a whole message
        self._lost = False  # it can't be told any more how far they are

    @property
    def idle(self) -> bool:
        halves = self._line or self._answer or self._chunk or self._in_data
        return not (halves or self._unanswered or self._in_message or self._lost)

    def heard(self, data: Octets, size: int) -> None:
        """The client says the first `size` bytes of this."""
        at = self._lines = 0
        while at < size and not self._lost:
            if self._in_data:
                at = self._hear_text(data, at, size)
            elif self._chunk:
                skipped = min(self._chunk, size - at)
                self._chunk -= skipped
                at += skipped
            else:
                at = self._hear_line(data, at, size)

    def answered(self, data: Octets, size: int) -> None:
        """The server says the first `size` bytes of this."""
        at = 0
        while at < size and not self._lost:
            newline = data.find(b"\n", at, size)
            stop = size if newline < 0 else newline
            self._answer += data[at : min(stop, at + _MARK - len(self._answer))]
            if newline >= 0:
                self._note_line(self._answer)
                self._answer = b""
            at = stop + 1

    def _hear_text(self, data: Octets, at: int, size: int) -> int:
        """Text up to its last dot (RFC 5321, section 4.1.1.4). Returns the position behind it."""
        begin = max(at, size - _LOOKED_AT)
        before = self._tail if begin == at else b""
        seen = before + data[begin:size]
        end = seen.find(_END)
        if end < 0:
            self._tail = seen[-_OVERLAP:]
            return size
        self._in_data, self._last, self._tail = False, True, b""
        self._note_question()
        return begin - len(before) + end + len(_END)

    def _hear_line(self, data: Octets, at: int, size: int) -> int:
        newline = data.find(b"\n", at, size)
        stop = size if newline < 0 else newline
        if len(self._line) + stop - at > _LONGEST:
            self._lose()
            return size
        self._line += data[at:stop]
        if newline >= 0:
            self._note_command(self._line.upper().split())
            self._line = b""
        return stop + 1

    def _note_command(self, words: list[bytes]) -> None:
        self._note_question()
        verb = words[0] if words else b""
        if verb == b"MAIL":
            self._in_message, self._last = True, False
        elif verb in _OUTSIDE:
            self._in_message = False
        elif verb == b"BDAT" and len(words) > 1 and words[1].isdigit() and len(words[1]) < 20:
            self._chunk = int(words[1])  # RFC 3030, section 2: so many bytes follow at once
            self._last = words[2:] == [b"LAST"]

    def _note_question(self) -> None:
        self._unanswered += 1
        if self._unanswered > _MOST_UNANSWERED:
            self._lose()

    def _note_line(self, line: bytes) -> None:
        """Of an answer. One that nothing asked for means that a text ended where it wasn't looked at."""
        self._lines += 1
        if not line[:3].isdigit() or not self._unanswered or self._lines > _MOST_LINES:
            self._lose()
        elif line[3:4] != b"-":  # RFC 5321, section 4.2.1: more lines follow a hyphen
            self._note_answer(line)

    def _note_answer(self, line: bytes) -> None:
        self._unanswered -= 1
        if line.startswith(b"354"):
            self._in_data, self._tail = True, _END[:2]  # the text begins with a line
        elif self._last and not self._unanswered:
            self._in_message = self._last = False

    def _lose(self) -> None:
        self._lost = True
        self._line = self._answer = self._tail = b""
