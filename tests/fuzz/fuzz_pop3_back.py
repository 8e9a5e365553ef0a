"""Any bytes from a POP3 backend.

An input is a byte for how we log in, a byte for the size of the chunks, and the streams of the backend with
`<TLS>` between them.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols import pop3
    from protocols.dialogue import Credentials, LoginResult, StartTLS
    from protocols.terms import BackTerms, Client

from fuzzing import fuzz

from tests.protocols.talk import cutter, line_by_line, talk

PRESENTED = [
    Credentials(b"alice", b"secret"),
    Credentials(b" al\xc3\xafce ", b'p"w\x01' * 100),
    Credentials(b"master", b"secret", authzid=b"alice"),
    Credentials(b"a\r\nb", b"{5}"),
]
SEEDS = [
    b"\0\x40+OK ready\r\n+OK\r\nSASL PLAIN\r\n.\r\n+OK in\r\n-ERR bye\r\n",
    b"\0\x01+OK ready\r\n-ERR\r\n+OK\r\n-ERR [SYS/TEMP] later\r\n",
    b"\x01\x40+OK\r\n+OK\r\nSASL PLAIN\r\n.\r\n+ \r\n+OK in\r\n",
    b"\x08\x40+OK [XCLIENT] ready\r\n+OK Updated\r\n+OK\r\nSASL PLAIN\r\n.\r\n+OK in\r\n",
    b"\x06\x40+OK ready\r\n+OK go\r\n<TLS>+OK\r\nSASL PLAIN\r\n.\r\n-ERR [AUTH] wrong\r\n",
    b"\x04\x40+OK ready\r\n+OK go\r\n+OK in\r\n<TLS>+OK\r\n",
    b"\x03\x40+OK ready\r\n+OK\r\nTOP\r\n.\r\n",
    b"\0\x40-ERR [SYS/TEMP] busy\r\n",
]


def target(data: bytes) -> None:
    flags, size = (data + bytes(2))[:2]
    starttls = bool(flags & 4)
    client = Client(b"2001:db8::7", 40112) if flags & 8 else None
    epochs = data[2:].split(b"<TLS>")

    def back():
        return pop3.back(BackTerms(PRESENTED[flags & 3], starttls=starttls, client=client))

    ended = talk(back(), epochs, cutter([size + 1]), turns=line_by_line)
    assert isinstance(ended.end, LoginResult) or ended.end.startswith(("ProtocolError: ", "EOFError: "))
    assert len(ended.sent) <= 2000
    assert ended.logins == []
    if not starttls:
        assert ended == talk(back(), epochs, turns=line_by_line)
    else:
        secure_from = (
            ended.happened.index(StartTLS()) if StartTLS() in ended.happened else len(ended.happened)
        )
        said = b"".join(event for event in ended.happened[:secure_from] if isinstance(event, bytes))
        assert said in (b"", b"STLS\r\n")


if __name__ == "__main__":
    fuzz(target, SEEDS)
