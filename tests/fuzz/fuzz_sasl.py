"""Any bytes to SASL and to IMAP's grammar: what is read is what could have been written."""

import atheris

with atheris.instrument_imports(include=["protocols"]):
    from protocols import sasl
    from protocols.dialogue import READ, Credentials, Send
    from protocols.imap import grammar
    from protocols.sasl import Malformed

from fuzzing import fuzz

from tests.protocols.talk import talk

SEEDS = [
    b"AGFsaWNlAHNlY3JldA==",
    b"YWxpY2UAYWxpY2UAc2VjcmV0",
    b"\0alice\0secret",
    b"YWxpY2U=\nc2VjcmV0",
    b"=\nAGFsaWNlAHNlY3JldA==",
    b"*",
    b'a1 LOGIN "al\\"ice" "se\\\\cret"',
    b"a1 LOGIN CORP\\user abcd efgh ijkl mnop",
    b'a1 ID ("name" "x" "version" NIL)',
    b'a1 LOGIN {5+}\nalice "x" {006}\nabcdef y',
]


def ask(challenge):
    yield Send(challenge)
    return (yield READ)


def target(data: bytes) -> None:
    for mechanism in sasl.MECHANISMS:
        lines = data.split(b"\n")
        check_exchange(mechanism, None, lines)
        check_exchange(mechanism, lines[0], lines[1:])
    check_base64(data)
    check_plain(data)
    check_grammar(data)


def check_exchange(mechanism: bytes, initial: bytes | None, lines: list[bytes]) -> None:
    def dialogue():
        return (yield from sasl.exchange(mechanism, initial, ask)), b""

    ended = talk(dialogue(), [b"-"], lambda _: lines)
    assert isinstance(ended.end, Credentials | Malformed)
    assert ended.sent in (
        b"",
        sasl.USERNAME_PROMPT,
        sasl.PASSWORD_PROMPT,
        sasl.USERNAME_PROMPT + sasl.PASSWORD_PROMPT,
    )


def check_base64(data: bytes) -> None:
    assert sasl.decode(sasl.encode(data)) == data
    message = sasl.decode(data)
    assert isinstance(message, Malformed) or sasl.encode(message) == data


def check_plain(data: bytes) -> None:
    credentials = sasl.parse_plain(data)
    if isinstance(credentials, Credentials):
        assert credentials.username
        assert credentials.authzid == b""
        assert sasl.plain(credentials) in (data, b"\0" + data.partition(b"\0")[2])


def check_grammar(data: bytes) -> None:
    head = grammar.parse_head(data)
    assert head is None or data.startswith(head.tag + b" ")
    literal = grammar.literal_at_end(data)
    assert literal is None or (literal[0] >= 0 and data.endswith(b"}"))
    assert not grammar.quotable(data) or grammar.words([grammar.quote(data)]) == [grammar.Word(data)]
    parts = data.split(b"\n")
    for word in grammar.words(parts) or ():
        assert word.value == b"" or any(byte in data for byte in word.value)
    pairs = grammar.strings(parts)
    assert pairs is None or len(pairs) <= len(data)


if __name__ == "__main__":
    fuzz(target, SEEDS)
