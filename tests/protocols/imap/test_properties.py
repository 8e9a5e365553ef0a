"""What holds for any bytes in any chunks."""

from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols import imap
from protocols.dialogue import Credentials, Login, LoginResult, Outcome, StartTLS
from protocols.imap.grammar import MAX_LITERAL
from protocols.terms import BackTerms, Client, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.imap.streams import PASSWORD, backend_streams, client_streams
from tests.protocols.talk import REFUSED, cutter, talk

RAISED = ("ProtocolError: ", "EOFError: ")
listeners = st.builds(FrontTerms, tls=st.booleans(), starttls=st.booleans(), failed_logins=st.integers(1, 4))
results = st.lists(st.builds(LoginResult, st.sampled_from(Outcome), st.just(b"Text")), max_size=4)
whole = cutter([1 << 30])


def starttls_last(epochs):
    """Each stream but the last ends by asking for TLS, which is where the next one begins."""
    return [epoch + b"t STARTTLS\r\n" for epoch in epochs[:-1]] + epochs[-1:]


talks = st.lists(client_streams, min_size=1, max_size=3).map(starttls_last)


@settings(max_examples=300)
@given(listeners, talks, results, cuts)
def test_a_front_answers_or_ends_and_says_the_same_for_any_chunks(terms, epochs, results, cut):
    ended = talk(imap.front(terms), epochs, cut, results)
    assert ended.end in (None, "logged in") or ended.end.startswith(RAISED)
    assert ended == talk(imap.front(terms), epochs, whole, results)


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=2), cuts)
def test_any_bytes_whatever_are_answered_or_end_it(epochs, cut):
    for terms in (FrontTerms(), FrontTerms(tls=False, starttls=True)):
        ended = talk(imap.front(terms), epochs, cut)
        assert ended.end in (None, "logged in") or ended.end.startswith(RAISED)


@settings(max_examples=200)
@given(client_streams, results, cuts)
def test_stls_11_nobody_logs_in_before_tls_where_it_is_offered(stream, results, cut):
    ended = talk(
        imap.front(FrontTerms(tls=False, starttls=True)), [stream + b"t STARTTLS\r\n", stream], cut, results
    )
    events = ended.happened
    first = next((at for at, event in enumerate(events) if isinstance(event, Login)), len(events))
    assert any(isinstance(event, StartTLS) for event in events[:first]) or first == len(events)


@settings(max_examples=200)
@given(listeners, talks, results, cuts)
def test_answers_are_bounded_by_what_was_asked_and_contain_no_password(terms, epochs, results, cut):
    ended = talk(imap.front(terms), epochs, cut, results)
    assert len(ended.sent) <= 1000 + 10 * sum(map(len, epochs))
    assert PASSWORD not in ended.sent
    assert b64encode(PASSWORD).rstrip(b"=") not in ended.sent


@settings(max_examples=200)
@given(st.binary(max_size=3000), st.sampled_from([b"", b"+"]), cuts)
def test_a_literal_is_taken_as_it_is_whatever_it_holds(value, plus, cut):
    literal = b" {%d%b}\r\n%b" % (len(value), plus, value)
    ended = talk(imap.front(FrontTerms()), [b"a LOGIN" + literal + literal + b"\r\n"], cut)
    assert [login.credentials for login in ended.logins] == [Credentials(value, value)]


@settings(max_examples=200)
@given(
    st.lists(backend_streams, min_size=1, max_size=2), st.binary(min_size=1, max_size=20), st.booleans(), cuts
)
def test_a_back_gives_a_verdict_or_ends_for_any_chunks(epochs, name, starttls, cut):
    def back():
        return imap.back(BackTerms(Credentials(name, PASSWORD), starttls=starttls, client=Client(b"::1", 1)))

    ended = talk(back(), epochs, cut)
    assert isinstance(ended.end, LoginResult) or ended.end.startswith(RAISED)
    assert len(ended.sent) <= 2000
    assert starttls or ended == talk(back(), epochs)


@settings(max_examples=200)
@given(backend_streams, backend_streams, cuts)
def test_stls_08_a_back_sends_no_credentials_before_tls(clear, secure, cut):
    ended = talk(imap.back(BackTerms(Credentials(b"alice", PASSWORD), starttls=True)), [clear, secure], cut)
    secure_from = ended.happened.index(StartTLS()) if StartTLS() in ended.happened else len(ended.happened)
    said = b"".join(event for event in ended.happened[:secure_from] if isinstance(event, bytes))
    assert set(said.split(b"\r\n")) <= {b"w1 STARTTLS", b"*", b""}


def test_a_front_has_no_end_of_patience_with_commands_that_are_good():
    """Time is bounded by whoever runs it."""
    ended = talk(imap.front(FrontTerms()), [b"a NOOP\r\n" * 2000], cutter([1000]))
    assert ended.sent.count(b"a OK Nothing done\r\n") == 2000


@pytest.mark.parametrize("size", [0, 1, MAX_LITERAL])
def test_refusals_do_not_depend_on_the_size_of_a_literal(size):
    ended = talk(
        imap.front(FrontTerms()), [b"a LOGIN x {%d+}\r\n%b\r\n" % (size, b"x" * size)], results=[REFUSED]
    )
    assert ended.sent.endswith(b"a NO [AUTHENTICATIONFAILED] No\r\n")
