"""One IMAP session of the demo's mail server: Twisted's, made to keep RFC 3501 where clients rely on it."""

# ruff: noqa: N802, N815 - Twisted finds commands, answers and arguments by these names.
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from twisted.mail import imap4
from twisted.python.compat import nativeString

from gateway.demo import structure
from gateway.demo.folder import FLAGS, View
from gateway.demo.message import Message, Part, select_fields

_LARGEST_MESSAGE = 20 * 1024 * 1024
_QUOTED = re.compile(rb'"((?:[^"\\]|\\["\\])*)"(?: |$)')

Write = Callable[[bytes], None]


class Session(imap4.IMAP4Server):  # type: ignore[misc]
    """One connection. Overrides what Twisted answers differently from RFC 3501."""

    IDENT = b"Wicketgate's demo mail server is ready"

    mbox: Any = None  # the View that is selected

    def connectionLost(self, reason: Any) -> None:
        if self.mbox:
            self.mbox.removeListener(self)
            self.mbox = None
        super().connectionLost(reason)

    def capabilities(self) -> dict[bytes, Any]:
        return {**super().capabilities(), b"UIDPLUS": None}

    def sendContinuationRequest(self, msg: bytes | None = b"Ready") -> None:
        # The space after the plus sign is part of the line, also when nothing follows (RFC 3501, 7.5).
        self.sendLine(b"+ " + (msg or b""))

    def arg_astring(self, line: bytes, final: bool = False) -> Any:
        if line.lstrip().startswith(b'"'):
            match = _QUOTED.match(line.lstrip())
            if not match:
                raise imap4.IllegalClientResponse("Malformed quoted string")
            return re.sub(rb"\\(.)", rb"\1", match[1]), line.lstrip()[match.end() :]
        return super().arg_astring(line, final)

    def arg_finalastring(self, line: bytes) -> Any:
        return self.arg_astring(line, final=True)

    def _fileLiteral(self, size: int) -> Any:
        if size > _LARGEST_MESSAGE:
            raise imap4.IllegalClientResponse(f"A message may have {_LARGEST_MESSAGE} octets at most")
        return super()._fileLiteral(size)

    # What changed elsewhere.

    def tell_vanished(self) -> None:
        gone: list[int] = self.mbox.vanished() if self.mbox else []
        for number in gone:
            self.sendUntaggedResponse(b"%d EXPUNGE" % number)

    def messages_removed(self) -> None:
        # An EXPUNGE may come only while no command runs that counts messages (RFC 3501, 7.4.1).
        if self.parseState == "idle":
            self.tell_vanished()

    def do_NOOP(self, tag: bytes) -> None:
        self.tell_vanished()
        super().do_NOOP(tag)

    def do_IDLE(self, tag: bytes) -> None:
        super().do_IDLE(tag)
        self.tell_vanished()

    # Folders.

    def _cbSelectWork(self, mbox: View | None, cmdName: bytes, tag: bytes) -> None:  # noqa: N803
        if mbox:
            flags = " ".join(FLAGS).encode()
            self.sendPositiveResponse(None, b"[UIDNEXT %d] Next" % mbox.getUIDNext())
            self.sendPositiveResponse(None, b"[PERMANENTFLAGS (" + flags + b" \\*)] Flags")
        super()._cbSelectWork(mbox, cmdName, tag)

    def _cbStatusGotMailbox(self, mbox: View | None, tag: bytes, mailbox: str, names: Iterable[str]) -> None:
        if mbox is None:
            self.sendNegativeResponse(tag, b"There is no such folder")
            return
        name = b'"' + mailbox.encode("imap4-utf-7").replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        items = b" ".join(
            b"%s %d" % (key.encode(), value) for key, value in mbox.requestStatus(names).items()
        )
        self.sendUntaggedResponse(b"STATUS " + name + b" (" + items + b")")
        self.sendPositiveResponse(tag, b"STATUS completed")

    def _cbAppendGotMailbox(
        self, mbox: View | None, tag: bytes, flags: list[bytes] | None, date: bytes | None, message: Any
    ) -> None:
        with message:
            octets = message.read()
        try:
            received = datetime.strptime(nativeString(date).strip(), "%d-%b-%Y %H:%M:%S %z") if date else None
        except ValueError:
            self.sendBadResponse(tag, b"Malformed date-time")
            return
        uids = self._store(tag, mbox, [(octets, [nativeString(flag) for flag in flags or ()], received)])
        if mbox and uids:
            code = b"[APPENDUID %d %d] " % (mbox.getUIDValidity(), uids[0])
            self.sendPositiveResponse(tag, code + b"APPEND completed")

    def _cbCopySelectedMailbox(
        self, mbox: View | None, tag: bytes, messages: Any, mailbox: str, uid: int
    ) -> None:
        chosen = [message for _, message in self.mbox.fetch(messages, uid)]
        uids = self._store(tag, mbox, [(one.octets, one.getFlags(), one.received) for one in chosen])
        if mbox and uids is not None:
            sources, copies = (",".join(map(str, group)) for group in ([one.uid for one in chosen], uids))
            code = f"[COPYUID {mbox.getUIDValidity()} {sources} {copies}] ".encode() if uids else b""
            self.sendPositiveResponse(tag, code + b"COPY completed")

    def _store(self, tag: bytes, mbox: View | None, messages: list[Any]) -> list[int] | None:
        """Put the messages into the folder. Returns their UIDs, or None if the client was told why not."""
        if mbox is None:
            self.sendNegativeResponse(tag, b"[TRYCREATE] There is no such folder")
            return None
        try:
            return [mbox.folder.add(octets, flags, received) for octets, flags, received in messages]
        except imap4.MailboxException as full:
            self.sendNegativeResponse(tag, b"[LIMIT] " + str(full).encode())
            return None

    def do_UID(self, tag: bytes, command: bytes, line: bytes) -> None:
        if command.upper() != b"EXPUNGE":
            super().do_UID(tag, command, line)
        elif not self.mbox.isWriteable():
            self.sendNegativeResponse(tag, b"The folder is open for reading only")
        else:
            # Only these of the deleted messages go (RFC 4315, 2.1).
            wanted, _ = self.arg_seqset(line)
            for number in self.mbox.expunge(wanted):
                self.sendUntaggedResponse(b"%d EXPUNGE" % number)
            self.sendPositiveResponse(tag, b"EXPUNGE completed")

    # Messages.

    def do_SEARCH(self, tag: bytes, charset: bytes | None, query: list[object], uid: int = 0) -> None:
        if charset and charset.strip(b'"').upper() not in (b"UTF-8", b"US-ASCII"):
            self.sendNegativeResponse(tag, b"[BADCHARSET (UTF-8 US-ASCII)] Unknown charset")
            return
        try:
            found = self.mbox.search(query, uid)
        except ValueError as wrong:
            self.sendBadResponse(tag, b"SEARCH failed: " + str(wrong).encode("ascii", "replace"))
            return
        numbers = [self.mbox.getUID(number) for number in found] if uid else found
        self.sendUntaggedResponse(b"SEARCH" + b"".join(b" %d" % number for number in numbers))
        self.sendPositiveResponse(tag, b"SEARCH completed")

    def spew_envelope(self, id: int, msg: Message, _w: Write, _f: Any = None) -> None:
        _w(b"ENVELOPE " + structure.envelope(msg.root()))

    def spew_bodystructure(self, id: int, msg: Message, _w: Write, _f: Any = None) -> None:
        _w(b"BODYSTRUCTURE " + structure.body_structure(msg.root(), extended=True))

    def spew_rfc822(self, id: int, msg: Message, _w: Write, _f: Any = None) -> None:
        self._see(msg)
        _w(b"RFC822 " + _literal(msg.octets))

    def spew_rfc822header(self, id: int, msg: Message, _w: Write, _f: Any = None) -> None:
        _w(b"RFC822.HEADER " + _literal(msg.root().header))

    def spew_rfc822text(self, id: int, msg: Message, _w: Write, _f: Any = None) -> None:
        self._see(msg)
        _w(b"RFC822.TEXT " + _literal(msg.root().body))

    def spew_body(self, part: Any, id: int, msg: Message, _w: Write, _f: Any = None) -> None:
        if not (part.header or part.text or part.mime or part.empty):
            _w(b"BODY " + structure.body_structure(msg.root(), extended=False))
            return
        if not part.peek:
            self._see(msg)
        found = msg.root().find(part.part)
        octets = _section(part, found, msg) if found else None
        label = bytes(_without_range(part))
        if part.partialBegin is not None and octets is not None:
            octets = octets[part.partialBegin :][: part.partialLength]
            label += b"<%d>" % part.partialBegin
        _w(label + b" " + (b"NIL" if octets is None else _literal(octets)))

    def _see(self, msg: Message) -> None:
        if self.mbox and self.mbox.isWriteable() and msg.uid in self.mbox.folder.messages:
            self.mbox.folder.set_flags(msg.uid, msg.flags | {"\\Seen"})

    unauth_NOOP = (do_NOOP,)
    auth_NOOP = select_NOOP = unauth_NOOP
    auth_IDLE = select_IDLE = (do_IDLE,)
    select_CHECK = (do_NOOP,)
    select_SEARCH = (do_SEARCH, imap4.IMAP4Server.opt_charset, imap4.IMAP4Server.arg_searchkeys)
    select_UID = (do_UID, imap4.IMAP4Server.arg_atom, imap4.IMAP4Server.arg_line)
    unauth_LOGIN = (imap4.IMAP4Server.do_LOGIN, arg_astring, arg_finalastring)


def _section(asked: Any, part: Part, msg: Message) -> bytes:
    """The octets that a BODY[...] names within the part that its numbers found (RFC 3501, 6.4.5)."""
    inner = part.enclosed or part
    if asked.header:
        if not asked.header.fields:
            return inner.header
        names = {name.decode("latin-1").strip('"').lower() for name in asked.header.fields}
        return select_fields(inner.header, names, asked.header.negate)
    if asked.mime:
        return part.header
    if asked.text:
        return inner.body
    return part.body if asked.part else msg.octets


def _without_range(asked: Any) -> Any:
    """The same section without the range of octets: Twisted would print the range in the client's form."""
    named = type(asked)()
    for name in ("header", "mime", "text", "part", "empty"):
        setattr(named, name, getattr(asked, name))
    return named


def _literal(octets: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(octets), octets)
