"""Any bytes from a submission server.

An input is a byte for how we log in, a byte for the size of the chunks, and the streams of the backend with
`<TLS>` between them.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols import smtp
    from protocols.dialogue import Credentials, LoginResult, StartTLS
    from protocols.terms import BackTerms, Client

from fuzzing import fuzz

from tests.protocols.talk import cutter, line_by_line, talk

PRESENTED = [
    Credentials(b"alice", b"secret"),
    Credentials(b"al\xc3\xafce", b'p"w\x01' * 100),
    Credentials(b"master", b"secret", authzid=b"alice"),
    None,
]
SEEDS = [
    b"\0\x40220 ready\r\n250-x\r\n250 AUTH PLAIN\r\n235 2.7.0 in\r\n503 already\r\n421 bye\r\n",
    b"\0\x01220-x\r\n220 ready\r\n250-x\r\n250 AUTH=LOGIN\r\n334 \r\n334 \r\n535 5.7.8 no\r\n",
    b"\x01\x40220\r\n250-x\r\n250 AUTH PLAIN\r\n334 \r\n235 in\r\n334 \r\n501 x\r\n",
    b"\x08\x40220\r\n550 name\r\n250-x\r\n250 XCLIENT ADDR\r\n220\r\n250-x\r\n250 AUTH PLAIN\r\n235\r\n",
    b"\x0b\x40220\r\n250-x\r\n250 XCLIENT ADDR LOGIN\r\n220\r\n250 x\r\n",
    b"\x06\x40220\r\n250 STARTTLS\r\n220 go\r\n<TLS>250-x\r\n250 AUTH PLAIN\r\n454 4.7.0 later\r\n",
    b"\x04\x40220\r\n250 STARTTLS\r\n220 go\r\n235 in\r\n<TLS>250 x\r\n",
    b"\0\x40554 no\r\n",
]


def target(data: bytes) -> None:
    flags, size = (data + bytes(2))[:2]
    starttls = bool(flags & 4)
    client = Client(b"2001:db8::7", 40112, b"laptop") if flags & 8 else None
    trusted = frozenset((b"AUTH", b"XCLIENT")) if flags & 16 else frozenset()
    epochs = data[2:].split(b"<TLS>")

    def back():
        return smtp.back(BackTerms(PRESENTED[flags & 3], b"alice", starttls, client, trusted))

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
        names = (b"laptop", b"[IPV6:2001:db8::7]", b"[127.0.0.1]")
        assert set(said.split(b"\r\n")) <= {b"EHLO " + name for name in names} | {b"STARTTLS", b""}


if __name__ == "__main__":
    fuzz(target, SEEDS)
