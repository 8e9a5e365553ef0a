"""Any bytes to the IMAP front.

An input is a byte for the listener and the answers to logins, a byte for the size of the chunks, and the
streams of the client with `<TLS>` between them.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols import imap
    from protocols.dialogue import Login, LoginResult, Outcome, StartTLS
    from protocols.terms import FrontTerms

from fuzzing import fuzz

from tests.protocols.talk import cutter, talk

SEEDS = [
    b"\0\x40a1 CAPABILITY\r\na2 ID NIL\r\na3 NOOP\r\na4 LOGOUT\r\n",
    b"\0\x40a1 LOGIN alice secret\r\na2 SELECT INBOX\r\n",
    b'\x04\x01a1 LOGIN "al\\"ice" "se\\\\cret"\r\na2 LOGIN alice abcd efgh ijkl mnop\r\n',
    b"\0\x03a1 LOGIN {5}\r\nalice {6+}\r\nsecret\r\na2 NOOP\r\n",
    b"\0\x40a1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\r\n",
    b"\0\x40a1 AUTHENTICATE LOGIN\r\nYWxpY2U=\r\nc2VjcmV0\r\n",
    b"\0\x40a1 AUTHENTICATE PLAIN =\r\n*\r\na1 AUTHENTICATE LOGIN YWxpY2U=\r\nc2VjcmV0\r\n",
    b'\0\x07A1 ID ("name" {7+}\r\nOutlook "version" {4}\r\n14.0)\r\nA2 LOGIN alice {6+}\r\nsecret\r\n',
    b"\x02\x40a1 LOGIN {5}\r\na2 STARTTLS\r\n<TLS>a3 LOGIN alice secret\r\n",
    b"\x02\x40a1 STARTTLS\r\na2 LOGIN evil evil\r\n<TLS>a3 NOOP\r\n",
    b"\0\x40a1 LOGIN {9999+}\r\na2 {3+}\r\nabc\r\n",
]


def target(data: bytes) -> None:
    flags, size = (data + bytes(2))[:2]
    terms = FrontTerms(tls=not flags & 2, starttls=bool(flags & 2), failed_logins=1 + flags // 64)
    epochs = data[2:].split(b"<TLS>")
    results = [LoginResult(outcome, b"Text") for outcome in list(Outcome)[flags // 4 % 8 :]]
    ended = talk(imap.front(terms), epochs, cutter([size + 1]), results)
    assert ended.end in (None, "logged in") or ended.end.startswith(("ProtocolError: ", "EOFError: "))
    assert len(ended.sent) <= 1000 + 10 * len(data)
    if not terms.starttls:
        assert ended == talk(imap.front(terms), epochs, results=results)
    elif ended.logins:
        logged_in = next(at for at, event in enumerate(ended.happened) if isinstance(event, Login))
        assert ended.happened.index(StartTLS()) < logged_in


if __name__ == "__main__":
    fuzz(target, SEEDS)
