"""Any requests to a directory, and any bytes from it, after the login.

An input is a byte for in whose name, a byte for the size of the chunks, and what the client asks, message by
message, with `<ANSWERS>` between them and behind it what the directory says.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols.dialogue import ProtocolError
    from protocols.ldap import Exchange
    from protocols.ldap import message as ldap

from fuzzing import fuzz

from tests.protocols.ldap.fronts import OPERATIONS
from tests.protocols.ldap.lengths import long_form
from tests.protocols.ldap.notation import message
from tests.protocols.talk import cutter

IDENTITIES = [b"", b"dn:uid=fritz,dc=test", b"x" * 200]
ASKED = [message(operation) for operation in OPERATIONS]
ANSWERED = message("entry 2 cn=x mail=a") + message("search-done 2 0") + message("notice 52 Bye")
SEEDS = [
    *(b"\1\x40" + request + b"<ANSWERS>" + ANSWERED for request in ASKED),
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
    for request in requests:
        ask(exchange, request, identity)
    asked = exchange.unanswered
    assert asked <= len(requests)
    try:
        for piece in cutter([size])(answers):
            exchange.hear(piece)
            assert 0 <= exchange.unanswered <= asked
    except ProtocolError:
        return None
    return exchange.unanswered, exchange.between_messages


def ask(exchange: Exchange, request: bytes, identity: bytes) -> None:
    try:
        sent = exchange.ask(request)
    except ProtocolError:
        return
    before, after = ldap.parse(request), ldap.parse(sent)
    assert (after.id, after.operation) == (before.id, before.operation)
    assert sent[after.start : after.stop] == request[before.start : before.stop]
    if identity and before.operation != ldap.ABANDON:
        assert sent.endswith(identity)
    else:
        assert sent == request


if __name__ == "__main__":
    fuzz(target, SEEDS)
