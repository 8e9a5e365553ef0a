"""Streams that look enough like ManageSieve to get somewhere, and streams that don't."""

from base64 import b64encode

from hypothesis import strategies as st

PASSWORD = b"correct%horse"
RESPONSES = [b64encode(b"\0alice\0" + PASSWORD), b64encode(PASSWORD), b"YWxpY2U=", b"=", b"*", b"\0"]
BROKEN = b'PLAIN LOGIN NTLM ( ) " { } {5 {5+} {99999+} \\ abcd'.split(b" ")

names = st.sampled_from(
    [b"AUTHENTICATE", b"authenticate", b"CAPABILITY", b"NOOP", b"LOGOUT", b"PUTSCRIPT", b"FROB", b"", b"{4+}"]
)
ends = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b""])


def quoted(value: bytes) -> bytes:
    return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def literal(value: bytes, wrong: int, plus: bytes) -> bytes:
    return b"{%d%b}\r\n%b" % (max(0, len(value) + wrong), plus, value)


values = st.sampled_from([b"PLAIN", b"LOGIN", b"", b'a"b', b"x\\", *RESPONSES])
words = st.one_of(
    values.map(quoted),
    st.builds(literal, values, st.sampled_from([0, 0, 0, 1, -1, 50]), st.sampled_from([b"", b"+"])),
    st.sampled_from(BROKEN),
    st.binary(max_size=6),
)
commands = st.builds(
    lambda name, words, end: b" ".join([name, *words]) + end, names, st.lists(words, max_size=3), ends
)
lines = st.builds(lambda word, end: word + end, words, ends)
logins = st.sampled_from(
    [
        b'AUTHENTICATE "PLAIN" "' + RESPONSES[0] + b'"\r\n',
        b'AUTHENTICATE "PLAIN"\r\n{%d+}\r\n%b\r\n' % (len(RESPONSES[0]), RESPONSES[0]),
        b'AUTHENTICATE "LOGIN"\r\n"YWxpY2U="\r\n"' + RESPONSES[1] + b'"\r\n',
    ]
)
client_streams = (
    st.lists(st.one_of(commands, commands, lines, logins, st.binary(max_size=30)), max_size=8)
    .map(b"".join)
    .filter(lambda stream: b"starttls" not in stream.lower())
)

OFFERS = [
    b'"SASL" "PLAIN"\r\nOK "ready"\r\n',
    b'"SASL" {5}\r\nPLAIN\r\n"XCLIENT" "ADDR"\r\nOK\r\n',
    b'"SIEVE" ""\r\n',
    b"OK\r\n",
    b'NO (TRYLATER) "busy"\r\n',
    b'"X"\r\n' * 120,
    b"",
]
TEXTS = [b"", b'"text"', b"(TRYLATER)", b'(SASL "AA==")', b"{4}\r\nabcd", b"{70000}", b'"', b"("]
responses = st.builds(
    lambda status, code, text, end: b" ".join(filter(None, [status, code, text])) + end,
    st.sampled_from([b"OK", b"OK", b"NO", b"BYE", b"ok", b'"SASL"', b""]),
    st.sampled_from(TEXTS),
    st.sampled_from(TEXTS),
    ends,
)
backend_streams = st.builds(
    lambda offer, rest: offer + b"".join(rest),
    st.sampled_from(OFFERS),
    st.lists(responses | st.sampled_from(OFFERS) | st.binary(max_size=20), max_size=6),
)
