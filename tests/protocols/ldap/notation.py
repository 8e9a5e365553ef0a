r"""Transcripts of LDAP, where every message is a line: kind, ID and words, in quotes where a space is inside.

    C: bind 1 uid=fritz,dc=test "abcd efgh"    a simple bind; version 2 with a 2 behind it
    S: bind-response 1 49 "No such luck"       a result: its code and its text
    C: search 2 dc=test sub (cn=f*) mail [PagedResults critical]
    S: entry 2 uid=fritz,dc=test mail=a@b      what stands in brackets is a control, `[OID critical]`
    S: search-done 2 0
    S: notice 2 "Too long"                     the notice of disconnection
    C(raw): GET / HTTP/1.1\r\n                 bytes that need not be LDAP
    C(hex): 30 05 02 01 01 42 00               the same in hexadecimal

ldap3 and pyasn1 are the ones who write and read the bytes. What our side says has to be just what they would
write. `requests.py` and `responses.py` beside this file know the words.
"""

import re
from textwrap import dedent
from typing import Any

from ldap3.protocol import rfc4511
from ldap3.utils.asn1 import decoder, encode
from pyasn1.error import PyAsn1Error

from protocols.ldap.decoding import controls_of, operation_of
from protocols.ldap.message import parse
from protocols.ldap.operations import Request
from tests.protocols.ldap import requests, responses
from tests.protocols.notation import bytes_of, shown

_NOTICE = b"1.3.6.1.4.1.1466.20036"
_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|(\S+))')
_OTHER = ("login", "log out", "tls", "end", "closed", "relay", "->", "offers", "error")
_CRITICAL = " critical"


def lines_of(transcript: str) -> list[str]:
    """The lines in the one way of writing them."""
    lines = [line.strip() for line in dedent(transcript).split("\n")]
    return [_normal(line) for line in lines if line]


def _normal(line: str) -> str:
    if line.startswith(("S: ", "C: ")):
        return line[:3] + _rewritten(line[3:])
    if line.startswith("forward "):
        told, arrow, answer = line.removeprefix("forward ").partition(" -> ")
        return f"forward {_rewritten(told)}{arrow}{answer}"
    if line.startswith("offers: "):
        return line
    return line if "(hex): " in line else shown(bytes_of(line))


def _rewritten(text: str) -> str:
    kind, number, words, controls = _parsed(text)
    return _written(kind, number, words, controls)


def _parsed(text: str) -> tuple[str, int, list[bytes], list[str]]:
    kind, words, controls = "", [], []
    for quoted, control, plain in _TOKEN.findall(text):
        if not kind:
            kind = plain
        elif control:
            controls.append(control)
        else:
            words.append(bytes_of(plain or quoted))
    number = 0 if kind == "notice" else int(words.pop(0))
    return kind, number, words, controls


def _written(kind: str, number: int, words: list[bytes], controls: list[str]) -> str:
    if kind == "notice":
        return " ".join([kind, *map(_word, words)])
    if kind in responses.KINDS and kind.endswith(("-response", "-done")) and words[1:] == [b""]:
        words = words[:1]
    return " ".join([kind, str(number), *map(_word, words), *(f"[{control}]" for control in controls)])


def _word(value: bytes) -> str:
    text = shown(value).replace('"', '\\"')
    return text if text and not set(text) & set(' "[') else f'"{text}"'


def saying(by: str, line: str) -> bytes | None:
    """What is said by a line of the transcript, or None when it isn't `by` who speaks in it."""
    if line.startswith(f"{by}(hex): "):
        return bytes.fromhex(line[len(by) + 7 :])
    if line.startswith(f"{by}(raw): "):
        return bytes_of(line[len(by) + 7 :])
    return message(line[3:]) if line.startswith(f"{by}: ") else None


def message(line: str) -> bytes:
    """The message that a line tells of, without the speaker in front."""
    kind, number, words, controls = _parsed(line)
    envelope = rfc4511.LDAPMessage()
    envelope["messageID"] = number
    name, operation = _operation(kind, words)
    envelope["protocolOp"] = rfc4511.ProtocolOp().setComponentByName(name, operation)
    for at, control in enumerate(controls):
        _put_control(envelope["controls"][at], control)
    return encode(envelope)


def request(data: bytes) -> Request:
    """What our side understands of a message."""
    read = parse(data)
    return Request(read.id, operation_of(read), controls_of(read))


def _operation(kind: str, words: list[bytes]) -> tuple[str, Any]:
    if kind == "notice":
        return responses.encoded("extended-response", [*words, b"@name=" + _NOTICE])
    if kind in responses.KINDS:
        return responses.encoded(kind, words)
    return requests.ENCODERS[kind](words)


def _put_control(control: Any, text: str) -> None:
    """OID[=VALUE] [critical]"""
    name, _, value = text.removesuffix(_CRITICAL).partition("=")
    control["controlType"] = requests.oid(bytes_of(name))
    control["criticality"] = text.endswith(_CRITICAL)
    if value:
        control["controlValue"] = bytes_of(value)


def said(by: str, data: bytes) -> list[str]:
    """A line for each message; `(hex)` is what ldap3 would not have written so."""
    lines = []
    while data:
        try:
            envelope, rest = decoder.decode(data, asn1Spec=rfc4511.LDAPMessage())
        except PyAsn1Error:
            return [*lines, f"{by}(hex): {data.hex(' ')}"]
        line = _line(envelope)
        same = message(line) == data[: len(data) - len(rest)]
        lines.append(f"{by}: {line}" if same else f"{by}(hex): {data.hex(' ')}")
        data = rest
    return lines


def _line(envelope: Any) -> str:
    name = envelope["protocolOp"].getName()
    operation = envelope["protocolOp"][name]
    if name.endswith(("Request", "Req")):
        kind, words = requests.words_of(name, operation)
    else:
        kind, words = responses.words_of(name, operation)
    if words[2:] == [b"@name=" + _NOTICE]:
        kind, words = "notice", words[:2]
    return _written(kind, int(envelope["messageID"]), words, [])


def offer(data: bytes) -> str:
    """An attribute that a probe has learned."""
    attribute, _ = decoder.decode(data, asn1Spec=rfc4511.PartialAttribute())
    values = [shown(bytes(value)) for value in attribute["vals"]]
    return f"{shown(bytes(attribute['type']))}={','.join(values)}"
