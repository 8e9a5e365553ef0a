"""Streams that look enough like IMAP to get somewhere, and streams that don't."""

from base64 import b64encode

from hypothesis import strategies as st

PASSWORD = b"correct%horse"  # nothing that could be taken for a tag, which is sent back
BROKEN = b'PLAIN LOGIN NTLM = * NIL ( ) " { } {5 abcd YWxpY2U= '.split(b" ")
LISTS = [b'("name" "x")', b'("name" NIL "version" {1+}\r\n2)']
RESPONSES = [b64encode(b"\0alice\0" + PASSWORD), b64encode(PASSWORD), b"\0"]

tags = st.sampled_from([b"a", b"1.854", b"*", b"+", b"", b"{3}", b"a{3+}", b"x" * 70])
names = st.sampled_from(
    [b"LOGIN", b"login", b"AUTHENTICATE", b"ID", b"CAPABILITY", b"NOOP", b"LOGOUT", b"FROB", b"{2+}"]
)
values = st.sampled_from([b"alice", PASSWORD, b"", b"CORP\\user", b'a"b', b"abcd efgh ijkl mnop"])
ends = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b""])


def quoted(value: bytes) -> bytes:
    return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def literal(value: bytes, wrong: int, plus: bytes) -> bytes:
    return b"{%d%b}\r\n%b" % (max(0, len(value) + wrong), plus, value)


words = st.one_of(
    values,
    values.map(quoted),
    st.builds(literal, values, st.sampled_from([0, 0, 0, 1, -1, 5000]), st.sampled_from([b"", b"+"])),
    st.sampled_from(BROKEN + LISTS + RESPONSES),
    st.binary(max_size=6),
)
commands = st.builds(
    lambda tag, name, words, end: b" ".join([tag, name, *words]) + end,
    st.just(b"a") | tags,
    names,
    st.lists(words, max_size=4),
    ends,
)
lines = st.builds(lambda word, end: word + end, words, ends)
client_streams = (
    st.lists(st.one_of(commands, commands, lines, st.binary(max_size=30)), max_size=8)
    .map(b"".join)
    .filter(lambda stream: b"starttls" not in stream.lower())
)

CODES = [
    b"[CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR ID]",
    b"[CAPABILITY IMAP4rev1 AUTH=PLAIN]",
    b"[CAPABILITY ]",
    b"[UNAVAILABLE] later",
    b"[AUTHENTICATIONFAILED] wrong",
    b"[",
    b"[]",
]
TEXTS = [
    b"IMAP4rev1 AUTH=PLAIN",
    b"IMAP4rev1",
    b"LOGINDISABLED",
    b"",
    b'("name" {3}\r\nabc)',
    b"{0}",
    b"{70000}",
]
responses = st.builds(
    lambda kind, status, text, end: b" ".join([kind, status, text]) + end,
    st.sampled_from([b"*", b"*", b"w1", b"w2", b"w3", b"+", b"w4", b"", b"x"]),
    st.sampled_from([b"OK", b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH", b"CAPABILITY", b"ID", b"ok", b""]),
    st.sampled_from(CODES + TEXTS),
    ends,
)
backend_streams = st.builds(
    lambda greeting, rest: greeting + b"".join(rest),
    st.sampled_from(
        [
            b"* OK ready\r\n",
            b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR ID] ready\r\n",
            b"* OK [CAPABILITY ID] x\n",
            b"",
        ]
    ),
    st.lists(responses | st.binary(max_size=20), max_size=8),
)
