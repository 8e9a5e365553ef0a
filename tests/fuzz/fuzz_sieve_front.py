"""Any bytes to the ManageSieve front.

An input is a byte for the listener and the answers to logins, a byte for the size of the chunks, and the
streams of the client with `<TLS>` between them.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols import sieve
    from protocols.dialogue import Login, LoginResult, Outcome, StartTLS
    from protocols.terms import FrontTerms

from fuzzing import fuzz

from tests.protocols.talk import cutter, talk

SEEDS = [
    b'\0\x40CAPABILITY\r\nNOOP "x"\r\nNOOP {4+}\r\na"\\b\r\nLOGOUT\r\n',
    b'\0\x40AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\nLISTSCRIPTS\r\n',
    b'\x04\x01AUTHENTICATE "PLAIN" {20+}\r\nAGFsaWNlAHNlY3JldA==\r\nNOOP\r\n',
    b'\0\x03AUTHENTICATE "LOGIN"\r\n"YWxpY2U="\r\n{8+}\r\nc2VjcmV0\r\n',
    b'\0\x40AUTHENTICATE "PLAIN" "="\r\n"*"\r\nauthenticate login YWxpY2U=\r\n"c2VjcmV0"\r\n',
    b'\0\x40PUTSCRIPT "a" {5+}\r\nkeep;\r\nPUTSCRIPT "a" {99999+}\r\nLOGOUT\r\n',
    b'\x02\x40AUTHENTICATE "PLAIN"\r\nSTARTTLS\r\n<TLS>AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\n',
    b"\x02\x40STARTTLS\r\nNOOP evil\r\n<TLS>NOOP\r\n",
]


def target(data: bytes) -> None:
    flags, size = (data + bytes(2))[:2]
    terms = FrontTerms(tls=not flags & 2, starttls=bool(flags & 2), failed_logins=1 + flags // 64)
    epochs = data[2:].split(b"<TLS>")
    results = [LoginResult(outcome, b"Text") for outcome in list(Outcome)[flags // 4 % 8 :]]
    ended = talk(sieve.front(terms), epochs, cutter([size + 1]), results)
    assert ended.end in (None, "logged in") or ended.end.startswith(("ProtocolError: ", "EOFError: "))
    assert len(ended.sent) <= 1000 + 100 * len(data)
    if not terms.starttls:
        assert ended == talk(sieve.front(terms), epochs, results=results)
    elif ended.logins:
        logged_in = next(at for at, event in enumerate(ended.happened) if isinstance(event, Login))
        assert ended.happened.index(StartTLS()) < logged_in


if __name__ == "__main__":
    fuzz(target, SEEDS)
