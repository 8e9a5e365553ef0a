"""What passes over one connection to a directory after the bind: requests, and which are unanswered."""

from protocols.dialogue import ProtocolError
from protocols.ldap import ber, codes
from protocols.ldap import message as ldap

_MAX_ANSWER = 0x7FFFFFFF  # bytes; nobody waits for them here
_MOST_LENGTH = 6  # bytes up to where a message's length is known
_MOST_HEAD = _MOST_LENGTH + 10 + 1  # bytes up to where its ID and its operation are
_UNFINISHED = frozenset((ldap.ENTRY, ldap.REFERENCE, ldap.INTERMEDIATE))


class Exchange:
    """Keeps count of the requests of one client. `identity` is in whose name they run (RFC 4370), if not b"".

    Requests come whole. Answers come in any pieces, and are only looked at: an entry of any size passes.
    """

    __slots__ = ("_control", "_count", "_head", "_left", "_unanswered")

    def __init__(self, identity: bytes = b"") -> None:
        self._control = _control(identity) if identity else b""
        # A client may use an ID again before it was answered, though it shouldn't (section 4.1.1.1).
        self._unanswered: dict[int, int] = {}
        self._count = 0
        self._left = 0
        self._head = b""

    @property
    def unanswered(self) -> int:
        """How many requests the directory still has to answer."""
        return self._count

    @property
    def between_messages(self) -> bool:
        """Whether all that was heard so far are whole messages: only then may somebody else speak."""
        return not self._left and not self._head

    def ask(self, data: bytes) -> bytes:
        """Note a request. Returns what to send for it."""
        message = ldap.parse(data)
        if message.operation == ldap.ABANDON:
            # It gets no answer, and perhaps what it abandons doesn't either (RFC 4511, section 4.11).
            self._note_end(ldap.parse_abandon(message))
            return data
        self._unanswered[message.id] = self._unanswered.get(message.id, 0) + 1
        self._count += 1
        return _with_control(message, self._control) if self._control else data

    def hear(self, data: bytes) -> None:
        """Note what the directory answers. Raises `ProtocolError` for what is no LDAP."""
        at = min(self._left, len(data))
        self._left -= at
        if self._head:
            data, self._head = self._head + data, b""
        end = len(data)
        while at < end:
            total = ber.measure(data[at : at + _MOST_LENGTH], _MAX_ANSWER)
            if end - at < min(total, _MOST_HEAD):
                self._head = data[at:]
                return
            self._note(data, at, min(end, at + total))
            at += total
        self._left += at - end

    def _note(self, data: bytes, at: int, end: int) -> None:
        """The head of the answer that begins at `at`: whose it is, and whether it is the last."""
        start = at + 2 + (data[at + 1] & 0x7F if data[at + 1] & 0x80 else 0)
        first, stop = ber.expect(ber.INTEGER, data, start, end)
        if stop == end:
            raise ProtocolError("an answer has no operation")
        number = ber.unsigned(data, first, stop)
        if data[stop] not in _UNFINISHED:
            self._note_end(number)

    def _note_end(self, number: int) -> None:
        """The request with this ID waits no longer, if there is one."""
        left = self._unanswered.pop(number, 0) - 1
        if left >= 0:
            self._count -= 1
        if left > 0:
            self._unanswered[number] = left


def _control(identity: bytes) -> bytes:
    """Proxied authorization: always critical, its value the identity as it is (RFC 4370, section 3)."""
    return ber.encode(
        ber.SEQUENCE,
        ber.encode(ber.OCTET_STRING, codes.PROXIED_AUTHORIZATION),
        ber.encode(ber.BOOLEAN, b"\xff"),
        ber.encode(ber.OCTET_STRING, identity),
    )


def _with_control(message: ldap.Message, control: bytes) -> bytes:
    data, end = message.data, len(message.data)
    first, _ = ber.expect(ber.SEQUENCE, data, 0, end)
    before = b""
    if message.stop != end:
        start, stop = ber.expect(ldap.CONTROLS, data, message.stop, end)
        before = data[start:stop]
    return ber.encode(ber.SEQUENCE, data[first : message.stop], ber.encode(ldap.CONTROLS, before, control))
