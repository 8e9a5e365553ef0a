"""Any bytes from an IMAP backend.

An input is a byte for how we log in, a byte for the size of the chunks, and the streams of the backend with
`<TLS>` between them.
"""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols import imap
    from protocols.dialogue import Credentials, LoginResult, StartTLS
    from protocols.terms import BackTerms, Client

from fuzzing import fuzz

from tests.protocols.talk import cutter, line_by_line, talk

PRESENTED = [
    Credentials(b"alice", b"secret"),
    Credentials(b"al\xc3\xafce", b'p"w\x01'),
    Credentials(b"master", b"secret", authzid=b"alice"),
    Credentials(b'a"b\\c', b"{5}"),
]
SEEDS = [
    b"\0\x40* OK [CAPABILITY SASL-IR AUTH=PLAIN] ready\r\nw1 OK [CAPABILITY IMAP4rev1] in\r\n* 1 EXISTS\r\n",
    b"\0\x01* OK ready\r\n* CAPABILITY AUTH=PLAIN\r\nw1 OK done\r\n+ \r\nw2 NO [UNAVAILABLE] later\r\n",
    b'\x08\x40* OK [CAPABILITY ID SASL-IR AUTH=PLAIN]\r\n* ID ("name" {3}\r\nabc)\r\nw1 OK\r\nw2 OK in\r\n',
    b"\x01\x40* OK [CAPABILITY IMAP4rev1] ready\r\n+ OK\r\n+ OK\r\n* CAPABILITY IDLE\r\nw1 OK in\r\n",
    b"\x06\x40* OK ready\r\nw1 OK go\r\n<TLS>* CAPABILITY AUTH=PLAIN\r\nw2 OK\r\n+\r\nw3 OK in\r\n",
    b"\x04\x40* OK ready\r\nw1 OK go\r\nw2 OK in\r\n<TLS>w2 OK\r\n",
    b"\0\x40* PREAUTH ready\r\n",
    b"\0\x40* BYE busy\r\n",
]


def target(data: bytes) -> None:
    flags, size = (data + bytes(2))[:2]
    starttls = bool(flags & 4)
    client = Client(b"2001:db8::7", 40112) if flags & 8 else None
    epochs = data[2:].split(b"<TLS>")

    def back():
        return imap.back(BackTerms(PRESENTED[flags & 3], starttls=starttls, client=client))

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
        assert set(said.split(b"\r\n")) <= {b"w1 STARTTLS", b"*", b""}


if __name__ == "__main__":
    fuzz(target, SEEDS)
