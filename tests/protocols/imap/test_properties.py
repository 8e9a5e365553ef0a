"""What holds for any bytes in any chunks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols import imap
from protocols.dialogue import Credentials, LoginResult, StartTLS
from protocols.imap.grammar import MAX_LITERAL
from protocols.terms import BackTerms, Client, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.imap.streams import PASSWORD, backend_streams
from tests.protocols.talk import REFUSED, cutter, line_by_line, talk

RAISED = ("ProtocolError: ", "EOFError: ")


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

    ended = talk(back(), epochs, cut, turns=line_by_line)
    assert isinstance(ended.end, LoginResult) or ended.end.startswith(RAISED)
    assert len(ended.sent) <= 2000
    assert starttls or ended == talk(back(), epochs, turns=line_by_line)


@settings(max_examples=200)
@given(backend_streams, backend_streams, cuts)
def test_stls_08_a_back_sends_no_credentials_before_tls(clear, secure, cut):
    ended = talk(
        imap.back(BackTerms(Credentials(b"alice", PASSWORD), starttls=True)),
        [clear, secure],
        cut,
        turns=line_by_line,
    )
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
