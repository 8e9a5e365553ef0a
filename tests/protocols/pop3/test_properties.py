"""What holds for any bytes in any chunks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols import pop3
from protocols.dialogue import Credentials, LoginResult, StartTLS
from protocols.terms import BackTerms, Client, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.pop3.streams import PASSWORD, backend_streams
from tests.protocols.talk import cutter, line_by_line, talk

RAISED = ("ProtocolError: ", "EOFError: ")


@settings(max_examples=200)
@given(
    st.lists(backend_streams, min_size=1, max_size=2),
    st.binary(min_size=1, max_size=20),
    st.binary(max_size=20),
    st.booleans(),
    cuts,
)
def test_a_back_gives_a_verdict_or_ends_for_any_chunks(epochs, name, authzid, starttls, cut):
    def back():
        credentials = Credentials(name, PASSWORD, authzid)
        return pop3.back(BackTerms(credentials, starttls=starttls, client=Client(b"::1", 1)))

    ended = talk(back(), epochs, cut, turns=line_by_line)
    assert isinstance(ended.end, LoginResult) or ended.end.startswith(RAISED)
    assert len(ended.sent) <= 2000
    assert ended.sent.count(b"\n") <= 5
    assert starttls or ended == talk(back(), epochs, turns=line_by_line)


@settings(max_examples=200)
@given(backend_streams, backend_streams, cuts)
def test_stls_08_a_back_sends_no_credentials_before_tls(clear, secure, cut):
    ended = talk(
        pop3.back(BackTerms(Credentials(b"alice", PASSWORD), starttls=True)),
        [clear, secure],
        cut,
        turns=line_by_line,
    )
    secure_from = ended.happened.index(StartTLS()) if StartTLS() in ended.happened else len(ended.happened)
    said = b"".join(event for event in ended.happened[:secure_from] if isinstance(event, bytes))
    assert said in (b"", b"STLS\r\n")


@settings(max_examples=100)
@given(backend_streams, backend_streams, st.booleans(), cuts)
def test_a_probe_learns_capabilities_or_ends(clear, secure, starttls, cut):
    def probing():
        return (yield from pop3.probe(starttls)), b""

    ended = talk(probing(), [clear, secure], cut, turns=line_by_line)
    assert isinstance(ended.end, tuple) or ended.end.startswith(RAISED)
    assert ended.sent in (b"", b"STLS\r\n", b"CAPA\r\n", b"STLS\r\nCAPA\r\n") or ended.sent.endswith(
        b"QUIT\r\n"
    )


def test_a_front_has_no_end_of_patience_with_commands_that_are_good():
    """Time is bounded by whoever runs it."""
    ended = talk(pop3.front(FrontTerms()), [b"AUTH\r\n" * 2000], cutter([1000]))
    assert ended.sent.count(b"+OK\r\nPLAIN\r\nLOGIN\r\n.\r\n") == 2000
