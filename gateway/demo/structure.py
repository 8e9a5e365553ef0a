"""ENVELOPE and BODYSTRUCTURE: what a message looks like from outside, in IMAP's lists (RFC 3501, 7.4.2)."""

from collections.abc import Iterable
from email.message import Message as Headers
from email.utils import getaddresses

from gateway.demo.message import Part


def envelope(part: Part) -> bytes:
    fields = part.fields()
    sender = _addresses(fields, "from")
    return _list(
        [
            _string(fields["date"]),
            _string(fields["subject"]),
            sender,
            # Where these two are missing, a server puts the From line in (RFC 3501, 7.4.2).
            _addresses(fields, "sender", sender),
            _addresses(fields, "reply-to", sender),
            _addresses(fields, "to"),
            _addresses(fields, "cc"),
            _addresses(fields, "bcc"),
            _string(fields["in-reply-to"]),
            _string(fields["message-id"]),
        ]
    )


def body_structure(part: Part, extended: bool) -> bytes:
    """The structure of a message; with `extended` as BODYSTRUCTURE, else as BODY gives it."""
    fields = part.fields()
    if part.children:
        inner = b"".join(body_structure(child, extended) for child in part.children)
        items = [inner, _string(fields.get_content_subtype())]
        return _list(items + ([_parameters(fields), *_tail(fields)] if extended else []))
    items = _basic(part, fields)
    return _list(items + ([_string(fields["content-md5"]), *_tail(fields)] if extended else []))


def _basic(part: Part, fields: Headers) -> list[bytes]:
    lines = b"%d" % part.body.count(b"\n")
    items = [
        _string(fields.get_content_maintype()),
        _string(fields.get_content_subtype()),
        _parameters(fields),
        _string(fields["content-id"]),
        _string(fields["content-description"]),
        _string(fields["content-transfer-encoding"] or "7bit"),
        b"%d" % len(part.body),
    ]
    if part.enclosed:
        return [*items, envelope(part.enclosed), body_structure(part.enclosed, False), lines]
    return [*items, lines] if fields.get_content_maintype() == "text" else items


def _tail(fields: Headers) -> list[bytes]:
    disposition = fields.get_content_disposition()
    shown = (
        _list([_string(disposition), _parameters(fields, "content-disposition")]) if disposition else b"NIL"
    )
    return [shown, _string(fields["content-language"]), _string(fields["content-location"])]


def _parameters(fields: Headers, name: str = "content-type") -> bytes:
    pairs = (fields.get_params(header=name, unquote=True) or [])[1:]
    texts = [_string(text if isinstance(text, str) else text[2]) for pair in pairs for text in pair]
    if name == "content-type" and not texts and fields.get_content_type() == "text/plain":
        texts = [b'"charset"', b'"us-ascii"']  # the default of RFC 2045, 5.2
    return _list(texts) if texts else b"NIL"


def _addresses(fields: Headers, name: str, otherwise: bytes = b"NIL") -> bytes:
    found = getaddresses([_clean(value) for value in fields.get_all(name, [])])
    items = []
    for person, address in found:
        mailbox, _, host = address.rpartition("@")
        if mailbox:
            items.append(_list([_string(person or None), b"NIL", _string(mailbox), _string(host)]))
    return b"(" + b"".join(items) + b")" if items else otherwise


def _list(items: Iterable[bytes]) -> bytes:
    return b"(" + b" ".join(items) + b")"


def _string(value: object) -> bytes:
    if value is None:
        return b"NIL"
    return b'"' + _clean(value).replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'


def _clean(value: object) -> str:
    """The value on one line of ASCII: a quoted string holds nothing else (RFC 3501, 9)."""
    text = str(value).replace("\r\n", "").replace("\n", "")
    return "".join(character if " " <= character <= "~" else "?" for character in text.replace("\t", " "))
