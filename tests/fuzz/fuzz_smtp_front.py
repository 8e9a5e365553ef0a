"""Any bytes to the SMTP front.

An input is a byte for the listener and the answers to logins, a byte for the size of the chunks, and the
streams of the client with `<TLS>` between them.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols import smtp
    from protocols.dialogue import Login, LoginResult, Outcome, StartTLS
    from protocols.terms import FrontTerms

from fuzzing import fuzz

from tests.protocols.talk import cutter, talk

SEEDS = [
    b"\0\x40EHLO laptop\r\nNOOP\r\nRSET\r\nHELP\r\nQUIT\r\n",
    b"\0\x40HELO x\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nMAIL FROM:<a@b>\r\n",
    b"\x04\x01EHLO [127.0.0.1]\r\nAUTH PLAIN\r\nAGFsaWNlAHNlY3JldA==\r\nAUTH NTLM\r\n",
    b"\0\x03auth login\r\nYWxpY2U=\r\nc2VjcmV0\r\n",
    b"\0\x40AUTH PLAIN =\r\n*\r\nauth login YWxpY2U=\r\nc2VjcmV0\r\n",
    b"\0\x40MAIL FROM:<a@b>\rRCPT TO:<c@d>\r\nXCLIENT LOGIN=admin\r\nDATA\r\n.\r\n",
    b"\x02\x40EHLO evil\r\nSTARTTLS\r\n<TLS>EHLO laptop\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n",
    b"\x02\x40STARTTLS\r\nEHLO evil\r\n<TLS>NOOP\r\n",
]


def target(data: bytes) -> None:
    flags, size = (data + bytes(2))[:2]
    terms = FrontTerms(tls=not flags & 2, starttls=bool(flags & 2), failed_logins=1 + flags // 64)
    epochs = data[2:].split(b"<TLS>")
    results = [LoginResult(outcome, b"Text") for outcome in list(Outcome)[flags // 4 % 8 :]]
    ended = talk(smtp.front(terms), epochs, cutter([size + 1]), results)
    assert ended.end in (None, "logged in") or ended.end.startswith(("ProtocolError: ", "EOFError: "))
    assert len(ended.sent) <= 1000 + 100 * len(data)
    if not terms.starttls:
        assert ended == talk(smtp.front(terms), epochs, results=results)
    elif ended.logins:
        logged_in = next(at for at, event in enumerate(ended.happened) if isinstance(event, Login))
        assert ended.happened.index(StartTLS()) < logged_in


if __name__ == "__main__":
    fuzz(target, SEEDS)
