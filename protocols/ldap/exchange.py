"""What passes over one connection to a directory after the bind: requests, and which are unanswered."""

from protocols.dialogue import ProtocolError
from protocols.ldap import ber, codes
from protocols.ldap import message as ldap
from protocols.ldap.encoding import encode, encode_control
from protocols.ldap.operations import Abandon, Control, Request

_MAX_ANSWER = 0x7FFFFFFF  # bytes; nobody waits for them here
_MOST_LENGTH = 6  # bytes up to where a message's length is known
_MOST_HEAD = _MOST_LENGTH + 10 + 1  # bytes up to where its ID and its operation are
_UNFINISHED = frozenset((ldap.ENTRY, ldap.REFERENCE, ldap.INTERMEDIATE))


class Exchange:
    """Keeps count of the requests of one client. `identity` is in whose name they run (RFC 4370), if not b"".

    Requests are written anew, the control that says so in front of the client's own: a directory that takes
    one of these in another way than the gateway has read the first already. Answers come in any pieces, and
    are only looked at: an entry of any size passes.
    """

    __slots__ = ("_control", "_count", "_head", "_left", "_unanswered", "abandoned")

    def __init__(self, identity: bytes = b"") -> None:
        self._control = _control(identity) if identity else b""
        # A client may use an ID again before it was answered, though it shouldn't (section 4.1.1.1).
        self._unanswered: dict[int, int] = {}
        self._count = 0
        self._left = 0
        self._head = b""
        self.abandoned = False

    @property
    def unanswered(self) -> int:
        """How many requests the directory still has to answer."""
        return self._count

    @property
    def between_messages(self) -> bool:
        """Whether all that was heard so far are whole messages: only then may somebody else speak."""
        return not self._left and not self._head

    @property
    def settled(self) -> bool:
        """Whether nothing can come any more, so that the connection may serve another user.

        What is abandoned may be answered all the same, whenever the directory likes (RFC 4511, section 4.11).
        """
        return not (self._count or self._left or self._head or self.abandoned)

    def ask(self, request: Request) -> bytes:
        """Note a request. Returns what to send for it."""
        if isinstance(request.operation, Abandon):
            if request.operation.number in self._unanswered:
                self.abandoned = True
                self._note_end(request.operation.number)
            return encode(request)
        self._unanswered[request.number] = self._unanswered.get(request.number, 0) + 1
        self._count += 1
        return encode(request, self._control)

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
    return encode_control(Control(codes.PROXIED_AUTHORIZATION, True, identity))
