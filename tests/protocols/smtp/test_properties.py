"""What holds for any bytes in any chunks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols import smtp
from protocols.dialogue import Credentials, LoginResult, Outcome, StartTLS
from protocols.terms import BackTerms, Client, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.smtp.streams import OFFERS, PASSWORD, backend_streams, client_streams
from tests.protocols.talk import cutter, line_by_line, talk

RAISED = ("ProtocolError: ", "EOFError: ")


@settings(max_examples=200)
@given(client_streams, st.sampled_from(Outcome), cuts)
def test_every_answer_is_a_line_with_a_code(stream, outcome, cut):
    ended = talk(smtp.front(FrontTerms()), [stream], cut, [LoginResult(outcome, b"Text")] * 9)
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

    ended = talk(back(), epochs, cut, turns=line_by_line)
    assert isinstance(ended.end, LoginResult) or ended.end.startswith(RAISED)
    assert len(ended.sent) <= 2000
    assert starttls or ended == talk(back(), epochs, turns=line_by_line)


@settings(max_examples=200)
@given(backend_streams, backend_streams, cuts)
def test_stls_08_a_back_sends_no_credentials_before_tls(clear, secure, cut):
    terms = BackTerms(Credentials(b"alice", PASSWORD), starttls=True, client=Client(b"::1", 1, b"laptop"))
    ended = talk(smtp.back(terms), [clear, secure], cut, turns=line_by_line)
    secure_from = ended.happened.index(StartTLS()) if StartTLS() in ended.happened else len(ended.happened)
    said = b"".join(event for event in ended.happened[:secure_from] if isinstance(event, bytes))
    assert set(said.split(b"\r\n")) <= {b"EHLO laptop", b"EHLO [IPV6:::1]", b"STARTTLS", b""}


@settings(max_examples=200)
@given(st.integers(200, 599) | st.sampled_from([500, 502, 503]), cuts)
def test_sasl_09_a_login_is_accepted_only_where_a_second_one_is_refused_as_such(code, cut):
    stream = OFFERS[0] + b"235 2.7.0 in\r\n%d 5.5.1 x\r\n" % code
    ended = talk(smtp.back(BackTerms(Credentials(b"alice", PASSWORD))), [stream], cut, turns=line_by_line)
    accepted = ended.end == LoginResult(Outcome.ACCEPTED, b"2.7.0 in")
    assert accepted == (code in (500, 502, 503))


@settings(max_examples=100)
@given(backend_streams, backend_streams, st.booleans(), cuts)
def test_a_probe_learns_extensions_or_ends(clear, secure, starttls, cut):
    def probing():
        return (yield from smtp.probe(starttls)), b""

    ended = talk(probing(), [clear, secure], cut, turns=line_by_line)
    assert isinstance(ended.end, tuple) or ended.end.startswith(RAISED)
    assert set(ended.sent.split(b"\r\n")) <= {b"EHLO [127.0.0.1]", b"STARTTLS", b"QUIT", b""}


def test_a_front_has_no_end_of_patience_with_commands_that_are_good():
    """Time is bounded by whoever runs it."""
    ended = talk(smtp.front(FrontTerms()), [b"NOOP\r\n" * 2000], cutter([1000]))
    assert ended.sent.count(b"250 2.0.0 Nothing done\r\n") == 2000
