"""Streams that look enough like SMTP to get somewhere, and streams that don't."""

from base64 import b64encode

from hypothesis import strategies as st

PASSWORD = b"correct%horse"
RESPONSES = [b64encode(b"\0alice\0" + PASSWORD), b64encode(PASSWORD), b"YWxpY2U=", b"=", b"*", b"\0"]
VERBS = b"EHLO HELO ehlo AUTH AUTH=PLAIN NOOP RSET HELP QUIT MAIL DATA XCLIENT FROB".split(b" ")
LOGINS = [
    b"AUTH PLAIN " + RESPONSES[0] + b"\r\n",
    b"AUTH PLAIN\r\n" + RESPONSES[0] + b"\r\n",
    b"AUTH LOGIN\r\nYWxpY2U=\r\n" + RESPONSES[1] + b"\r\n",
]
OFFERS = [
    b"220 ready\r\n250-x\r\n250 AUTH PLAIN\r\n",
    b"220 ready\r\n250-x\r\n250-XCLIENT ADDR\r\n250 AUTH LOGIN\r\n220 ready\r\n250-x\r\n250 AUTH LOGIN\r\n",
    b"220-more\r\n220\n",
    b"554 No\r\n",
    b"250-x\r\n" * 120,
    b"",
]
TEXTS = [b"", b"2.7.0 Welcome", b"5.7.8 No", b"4.7.0 Later", b"AUTH PLAIN", b"STARTTLS", b"VXNlcm5hbWU6"]

ends = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b""])
words = st.one_of(st.sampled_from([b"PLAIN", b"LOGIN", b"laptop", *RESPONSES]), st.binary(max_size=6))
commands = st.builds(
    lambda verb, words, end: b" ".join([verb, *words]) + end,
    st.sampled_from(VERBS),
    st.lists(words, max_size=3),
    ends,
)
lines = st.builds(lambda word, end: word + end, words, ends)
client_streams = (
    st.lists(st.one_of(commands, lines, st.sampled_from(LOGINS), st.binary(max_size=30)), max_size=8)
    .map(b"".join)
    .filter(lambda stream: b"starttls" not in stream.lower())
)
replies = st.builds(
    lambda code, mark, text, end: code + mark + text + end,
    st.sampled_from(b"220 250 235 334 503 535 454 421 100".split()),
    st.sampled_from([b" ", b" ", b"-", b""]),
    st.sampled_from(TEXTS),
    ends,
)
backend_streams = st.builds(
    lambda offer, rest: offer + b"".join(rest),
    st.sampled_from(OFFERS),
    st.lists(replies | st.binary(max_size=20), max_size=8),
)
