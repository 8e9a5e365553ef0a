"""Any requests to a directory, and any bytes from it, after the login.

An input is a byte for in whose name, a byte for the size of the chunks, and what the client asks, message by
message, with `<ANSWERS>` between them and behind it what the directory says.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols.dialogue import ProtocolError
    from protocols.ldap import Exchange
    from protocols.ldap.objections import NotUnderstood
    from protocols.ldap.operations import Abandon

from fuzzing import fuzz

from tests.protocols.ldap.fronts import OPERATIONS
from tests.protocols.ldap.lengths import long_form
from tests.protocols.ldap.notation import message, request
from tests.protocols.talk import cutter

IDENTITIES = [b"", b"dn:uid=fritz,dc=test", b"x" * 200]
ASKED = [message(operation) for operation in OPERATIONS]
ANSWERED = message("entry 2 cn=x mail=a") + message("search-done 2 0") + message("notice 52 Bye")
SEEDS = [
    *(b"\1\x40" + asked + b"<ANSWERS>" + ANSWERED for asked in ASKED),
    b"\0\x01" + b"<ANSWERS>".join(ASKED) + b"<ANSWERS>" + ANSWERED,
    b"\1\x05" + long_form(message("delete 2 cn=x [1.2.3 critical]"), 4) + b"<ANSWERS>" + ANSWERED,
    b"\2\x40" + message("abandon 3 2") + b"<ANSWERS>" + long_form(message("search-done 2 0"), 4),
    b"\2\x03"
    + message("search 2 dc=test sub (cn=*)")
    + b"<ANSWERS>"
    + message("entry 2 cn=x cn=" + "x" * 300),
]


def target(data: bytes) -> None:
    flags, size = (data + bytes(2))[:2]
    identity = IDENTITIES[flags % 3]
    *requests, answers = data[2:].split(b"<ANSWERS>")
    assert heard(identity, requests, answers, size + 1) == heard(identity, requests, answers, 1 << 30)


def heard(identity: bytes, requests: list[bytes], answers: bytes, size: int) -> tuple[int, bool] | None:
    """How many are unanswered in the end, and whether a message ended there; None for what is no LDAP."""
    exchange = Exchange(identity)
    for asked in requests:
        ask(exchange, asked, identity)
    waiting = exchange.unanswered
    assert waiting <= len(requests)
    try:
        for piece in cutter([size])(answers):
            exchange.hear(piece)
            assert 0 <= exchange.unanswered <= waiting
    except ProtocolError:
        return None
    return exchange.unanswered, exchange.between_messages


def ask(exchange: Exchange, data: bytes, identity: bytes) -> None:
    try:
        read = request(data)
    except (KeyError, NotUnderstood, ProtocolError):
        return
    sent = request(exchange.ask(read))
    assert sent.operation == read.operation
    if identity and not isinstance(read.operation, Abandon):
        assert sent.controls[0].value == identity
        assert sent.controls[1:] == read.controls
    else:
        assert sent.controls == read.controls


if __name__ == "__main__":
    fuzz(target, SEEDS)
