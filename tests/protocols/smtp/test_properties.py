"""What holds for any bytes in any chunks."""

from base64 import b64encode

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols import smtp
from protocols.dialogue import Credentials, Login, LoginResult, Outcome, StartTLS
from protocols.terms import BackTerms, Client, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.talk import cutter, talk

RAISED = ("ProtocolError: ", "EOFError: ")
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

# Streams that look enough like SMTP to get somewhere, and streams that don't.
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

listeners = st.builds(FrontTerms, tls=st.booleans(), starttls=st.booleans(), failed_logins=st.integers(1, 4))
results = st.lists(st.builds(LoginResult, st.sampled_from(Outcome), st.just(b"Text")), max_size=4)
whole = cutter([1 << 30])


def starttls_last(epochs):
    """Each stream but the last ends by asking for TLS, which is where the next one begins."""
    return [epoch + b"STARTTLS\r\n" for epoch in epochs[:-1]] + epochs[-1:]


talks = st.lists(client_streams, min_size=1, max_size=3).map(starttls_last)


@settings(max_examples=300)
@given(listeners, talks, results, cuts)
def test_a_front_answers_or_ends_and_says_the_same_for_any_chunks(terms, epochs, results, cut):
    ended = talk(smtp.front(terms), epochs, cut, results)
    assert ended.end in (None, "logged in") or ended.end.startswith(RAISED)
    assert ended == talk(smtp.front(terms), epochs, whole, results)


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=2), cuts)
def test_any_bytes_whatever_are_answered_or_end_it(epochs, cut):
    for terms in (FrontTerms(), FrontTerms(tls=False, starttls=True)):
        ended = talk(smtp.front(terms), epochs, cut)
        assert ended.end in (None, "logged in") or ended.end.startswith(RAISED)


@settings(max_examples=200)
@given(client_streams, results, cuts)
def test_stls_11_nobody_logs_in_before_tls_where_it_is_offered(stream, results, cut):
    terms = FrontTerms(tls=False, starttls=True)
    events = talk(smtp.front(terms), [stream + b"STARTTLS\r\n", stream], cut, results).happened
    first = next((at for at, event in enumerate(events) if isinstance(event, Login)), len(events))
    assert any(isinstance(event, StartTLS) for event in events[:first]) or first == len(events)


@settings(max_examples=200)
@given(listeners, talks, results, cuts)
def test_answers_are_bounded_by_what_was_asked_and_contain_no_password(terms, epochs, results, cut):
    ended = talk(smtp.front(terms), epochs, cut, results)
    assert len(ended.sent) <= 1000 + 100 * sum(map(len, epochs))
    assert PASSWORD not in ended.sent
    assert b64encode(PASSWORD).rstrip(b"=") not in ended.sent


@settings(max_examples=200)
@given(listeners, talks, results, cuts)
def test_every_answer_is_a_line_with_a_code(terms, epochs, results, cut):
    ended = talk(smtp.front(terms), epochs, cut, results)
    assert ended.sent.endswith(b"\r\n")
    for line in ended.sent.split(b"\r\n")[:-1]:
        assert line[:3] in b"220 221 214 235 250 334 421 454 500 501 502 503 504 530 534 535".split()
        assert line[3:4] in (b" ", b"-")
        assert not set(line) & {0x0A, 0x0D, 0}


@settings(max_examples=200)
@given(
    st.lists(backend_streams, min_size=1, max_size=2),
    st.none() | st.builds(Credentials, st.binary(max_size=20), st.just(PASSWORD), st.binary(max_size=20)),
    st.none()
    | st.builds(Client, st.sampled_from([b"192.0.2.7", b"::1"]), st.just(1), st.binary(max_size=20)),
    st.booleans(),
    cuts,
)
def test_a_back_gives_a_verdict_or_ends_for_any_chunks(epochs, credentials, client, starttls, cut):
    def back():
        return smtp.back(BackTerms(credentials, b"alice", starttls, client))

    ended = talk(back(), epochs, cut)
    assert isinstance(ended.end, LoginResult) or ended.end.startswith(RAISED)
    assert len(ended.sent) <= 2000
    assert starttls or ended == talk(back(), epochs)


@settings(max_examples=200)
@given(backend_streams, backend_streams, cuts)
def test_stls_08_a_back_sends_no_credentials_before_tls(clear, secure, cut):
    terms = BackTerms(Credentials(b"alice", PASSWORD), starttls=True, client=Client(b"::1", 1, b"laptop"))
    ended = talk(smtp.back(terms), [clear, secure], cut)
    secure_from = ended.happened.index(StartTLS()) if StartTLS() in ended.happened else len(ended.happened)
    said = b"".join(event for event in ended.happened[:secure_from] if isinstance(event, bytes))
    assert set(said.split(b"\r\n")) <= {b"EHLO laptop", b"EHLO [IPV6:::1]", b"STARTTLS", b""}


@settings(max_examples=200)
@given(st.integers(200, 599) | st.sampled_from([500, 502, 503]), cuts)
def test_sasl_09_a_login_is_accepted_only_where_a_second_one_is_refused_as_such(code, cut):
    stream = OFFERS[0] + b"235 2.7.0 in\r\n%d 5.5.1 x\r\n" % code
    ended = talk(smtp.back(BackTerms(Credentials(b"alice", PASSWORD))), [stream], cut)
    accepted = ended.end == LoginResult(Outcome.ACCEPTED, b"2.7.0 in")
    assert accepted == (code in (500, 502, 503))


@settings(max_examples=100)
@given(backend_streams, backend_streams, st.booleans(), cuts)
def test_a_probe_learns_extensions_or_ends(clear, secure, starttls, cut):
    def probing():
        return (yield from smtp.probe(starttls)), b""

    ended = talk(probing(), [clear, secure], cut)
    assert isinstance(ended.end, tuple) or ended.end.startswith(RAISED)
    assert set(ended.sent.split(b"\r\n")) <= {b"EHLO [127.0.0.1]", b"STARTTLS", b"QUIT", b""}


def test_a_front_has_no_end_of_patience_with_commands_that_are_good():
    """Time is bounded by whoever runs it."""
    ended = talk(smtp.front(FrontTerms()), [b"NOOP\r\n" * 2000], cutter([1000]))
    assert ended.sent.count(b"250 2.0.0 Nothing done\r\n") == 2000
