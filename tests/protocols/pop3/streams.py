"""Streams that look enough like POP3 to get somewhere, and streams that don't."""

from base64 import b64encode

from hypothesis import strategies as st

PASSWORD = b"correct%horse"
RESPONSES = [b64encode(b"\0alice\0" + PASSWORD), b64encode(PASSWORD), b"YWxpY2U=", b"=", b"*", b"\0"]

verbs = st.sampled_from(
    [
        b"USER",
        b"user",
        b"PASS",
        b"AUTH",
        b"auth PLAIN",
        b"AUTH LOGIN",
        b"CAPA",
        b"QUIT",
        b"NOOP",
        b"FROB",
        b"",
    ]
)
arguments = st.sampled_from(
    [b"alice", PASSWORD, b"", b" ", b"CORP\\user", b"abcd efgh ijkl mnop", b"PLAIN LOGIN"]
)
words = st.one_of(arguments, st.sampled_from(RESPONSES), st.binary(max_size=6))
ends = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b""])
commands = st.builds(
    lambda verb, words, end: b" ".join([verb, *words]) + end, verbs, st.lists(words, max_size=3), ends
)
lines = st.builds(lambda word, end: word + end, words, ends)
logins = st.sampled_from(
    [
        b"USER alice\r\nPASS " + PASSWORD + b"\r\n",
        b"AUTH PLAIN " + RESPONSES[0] + b"\r\n",
        b"AUTH PLAIN\r\n" + RESPONSES[0] + b"\r\n",
        b"AUTH LOGIN\r\nYWxpY2U=\r\n" + RESPONSES[1] + b"\r\n",
    ]
)
client_streams = (
    st.lists(st.one_of(commands, commands, lines, logins, st.binary(max_size=30)), max_size=8)
    .map(b"".join)
    .filter(lambda stream: b"stls" not in stream.lower())
)

GREETINGS = [b"+OK ready\r\n", b"+OK [XCLIENT] ready\r\n", b"+OK\n", b"-ERR [SYS/TEMP] busy\r\n", b""]
TEXTS = [b"[AUTH] wrong", b"[SYS/TEMP] later", b"[", b"", b"Logged in."]
OFFERS = [
    b"+OK\r\nSASL PLAIN\r\n.\r\n",
    b"+OK\r\nTOP\r\nUSER\r\n.\r\n",
    b"+OK\r\nSASL\r\n",
    b"-ERR\r\n",
    b"X\r\n" * 120,
]
responses = st.builds(
    lambda status, text, end: status + b" " + text + end,
    st.sampled_from([b"+OK", b"+OK", b"-ERR", b"+", b"+ok", b"*", b""]),
    st.sampled_from(TEXTS),
    ends,
)
backend_streams = st.builds(
    lambda greeting, rest: greeting + b"".join(rest),
    st.sampled_from(GREETINGS),
    st.lists(responses | st.sampled_from(OFFERS) | st.binary(max_size=20), max_size=8),
)
