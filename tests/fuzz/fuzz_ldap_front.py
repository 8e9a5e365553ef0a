"""Any bytes to the LDAP front.

An input is a byte for the listener and who may come in, a byte for the answers to logins, a byte for the size
of the chunks, and the streams of the client with `<TLS>` between them.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols import ldap
    from protocols.dialogue import Forward, Login, LoginResult, Outcome, StartTLS
    from protocols.terms import Anonymous, DirectoryTerms, FrontTerms

from fuzzing import fuzz

from tests.protocols.ldap.filters import AND, NOT, nested, search
from tests.protocols.ldap.lengths import long_form
from tests.protocols.ldap.notation import message
from tests.protocols.ldap.streams import REQUESTS, START_TLS
from tests.protocols.talk import cutter, talk

NOTICE = b"1.3.6.1.4.1.1466.20036"
BIND = message("bind 1 fritz secret")
SEEDS = [
    *(b"\0\0\x40" + BIND + message(line.format(2)) for line in REQUESTS),
    *(b"\1\0\x40" + BIND + message(line.format(2)) for line in REQUESTS),
    *(b"\x0c\0\x40" + message(line.format(2)) for line in REQUESTS),
    b"\0\1\1" + BIND + message("search 2 dc=test sub (&(cn=*)(!(sn=x))) mail"),
    b"\0\0\x40" + BIND + search(nested([AND, NOT] * 20)) + message("unbind 3"),
    b"\1\0\x07" + long_form(BIND, 4) + long_form(message("modify 2 cn=x replace:userPassword=x [1.2.3]"), 4),
    b"\2\0\x40" + START_TLS + b"<TLS>" + BIND + message("delete 2 cn=x"),
    b"\2\0\x40" + BIND + START_TLS + BIND + b"<TLS>" + message("unbind 2"),
]


def target(data: bytes) -> None:
    flags, answers, size = (data + bytes(3))[:3]
    directory = DirectoryTerms(list(Anonymous)[flags // 4 % 4], proxied=not flags & 16)
    terms = FrontTerms(tls=not flags & 2, starttls=bool(flags & 2), directory=directory)
    identity = b"u:fritz" if flags & 1 else b""
    epochs = data[3:].split(b"<TLS>")
    results = [LoginResult(outcome, b"Text", delegated=identity) for outcome in list(Outcome)[answers % 8 :]]
    ended = talk(ldap.front(terms), epochs, cutter([size + 1]), results, taken=not flags & 32)
    assert ended.end is None or ended.end.startswith(("ProtocolError: ", "EOFError: "))
    assert len(ended.sent) <= 1000 + 30 * len(data)
    assert all(len(message) <= len(data) for message in ended.forwarded)
    if ended.end and ended.end.startswith("ProtocolError: ") and "handshake" not in ended.end:
        assert ended.sent.endswith(NOTICE)
    if not terms.starttls:
        assert ended == talk(ldap.front(terms), epochs, results=results, taken=not flags & 32)
    first = next((at for at, event in enumerate(ended.happened) if isinstance(event, Login | Forward)), None)
    if first is not None and terms.starttls:
        assert ended.happened.index(StartTLS()) < first
    if first is not None and directory.anonymous is not Anonymous.PASS:
        assert isinstance(ended.happened[first], Login)


if __name__ == "__main__":
    fuzz(target, SEEDS)
