"""Any bytes to the POP3 front.

An input is a byte for the listener and the answers to logins, a byte for the size of the chunks, and the
streams of the client with `<TLS>` between them.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols import pop3
    from protocols.dialogue import Login, LoginResult, Outcome, StartTLS
    from protocols.terms import FrontTerms

from fuzzing import fuzz

from tests.protocols.talk import cutter, talk

SEEDS = [
    b"\0\x40CAPA\r\nAUTH\r\nNOOP\r\nQUIT\r\n",
    b"\0\x40USER alice\r\nPASS secret\r\nSTAT\r\n",
    b"\x04\x01user al ice \r\npass abcd efgh ijkl mnop\r\nUSER bob\r\nPASS x\r\n",
    b"\0\x40AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n",
    b"\0\x03AUTH LOGIN\r\nYWxpY2U=\r\nc2VjcmV0\r\n",
    b"\0\x40AUTH PLAIN =\r\n*\r\nauth login YWxpY2U=\r\nc2VjcmV0\r\n",
    b"\x02\x40USER alice\r\nSTLS\r\n<TLS>USER alice\r\nPASS secret\r\n",
    b"\x02\x40STLS\r\nUSER evil\r\n<TLS>CAPA\r\n",
]


def target(data: bytes) -> None:
    flags, size = (data + bytes(2))[:2]
    terms = FrontTerms(tls=not flags & 2, starttls=bool(flags & 2), failed_logins=1 + flags // 64)
    epochs = data[2:].split(b"<TLS>")
    results = [LoginResult(outcome, b"Text") for outcome in list(Outcome)[flags // 4 % 8 :]]
    ended = talk(pop3.front(terms), epochs, cutter([size + 1]), results)
    assert ended.end in (None, "logged in") or ended.end.startswith(("ProtocolError: ", "EOFError: "))
    assert len(ended.sent) <= 1000 + 100 * len(data)
    if not terms.starttls:
        assert ended == talk(pop3.front(terms), epochs, results=results)
    elif ended.logins:
        logged_in = next(at for at, event in enumerate(ended.happened) if isinstance(event, Login))
        assert ended.happened.index(StartTLS()) < logged_in


if __name__ == "__main__":
    fuzz(target, SEEDS)
