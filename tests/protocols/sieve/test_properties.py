"""What holds for any bytes in any chunks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols import sieve
from protocols.dialogue import Credentials, LoginResult, StartTLS
from protocols.terms import BackTerms, Client, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.sieve.streams import PASSWORD, backend_streams, literal, quoted
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
        return sieve.back(BackTerms(credentials, starttls=starttls, client=Client(b"::1", 1)))

    ended = talk(back(), epochs, cut, turns=line_by_line)
    assert isinstance(ended.end, LoginResult) or ended.end.startswith(RAISED)
    assert len(ended.sent) <= 2000
    assert ended.sent.count(b"\n") <= 5
    assert starttls or ended == talk(back(), epochs, turns=line_by_line)


@settings(max_examples=200)
@given(backend_streams, backend_streams, cuts)
def test_stls_08_a_back_sends_no_credentials_before_tls(clear, secure, cut):
    ended = talk(
        sieve.back(BackTerms(Credentials(b"alice", PASSWORD), starttls=True)),
        [clear, secure],
        cut,
        turns=line_by_line,
    )
    secure_from = ended.happened.index(StartTLS()) if StartTLS() in ended.happened else len(ended.happened)
    said = b"".join(event for event in ended.happened[:secure_from] if isinstance(event, bytes))
    assert said in (b"", b"STARTTLS\r\n")


@settings(max_examples=100)
@given(backend_streams, backend_streams, st.booleans(), cuts)
def test_a_probe_learns_capabilities_or_ends(clear, secure, starttls, cut):
    def probing():
        return (yield from sieve.probe(starttls)), b""

    ended = talk(probing(), [clear, secure], cut, turns=line_by_line)
    assert isinstance(ended.end, tuple) or ended.end.startswith(RAISED)
    assert ended.sent in (b"", b"STARTTLS\r\n", b"LOGOUT\r\n", b"STARTTLS\r\nLOGOUT\r\n")


def test_a_front_has_no_end_of_patience_with_commands_that_are_good():
    """Time is bounded by whoever runs it."""
    ended = talk(sieve.front(FrontTerms()), [b'NOOP "x"\r\n' * 2000], cutter([1000]))
    assert ended.sent.count(b'OK (TAG "x") "Done."\r\n') == 2000


@settings(max_examples=200)
@given(st.binary(max_size=3000), st.sampled_from([b"", b"+"]), cuts)
def test_a_literal_is_read_to_its_end_whatever_it_holds(value, plus, cut):
    ended = talk(
        sieve.front(FrontTerms()), [b"PUTSCRIPT {%d%b}\r\n%b\r\nNOOP\r\n" % (len(value), plus, value)], cut
    )
    assert ended.logins == []
    assert ended.sent.count(b"\r\nNO ") == 1
    assert ended.sent.endswith(b'OK "Done."\r\n')


@settings(max_examples=200)
@given(st.binary(max_size=60).filter(lambda value: not {0, 10, 13} & set(value)), cuts)
def test_a_string_comes_back_as_it_was_sent_but_for_control_characters(value, cut):
    printable = bytes(byte for byte in value if byte >= 0x20 and byte != 0x7F)
    for written in (quoted(value), literal(value, 0, b"+")):
        ended = talk(sieve.front(FrontTerms()), [b"NOOP " + written + b"\r\n"], cut)
        assert ended.sent.endswith(b"OK (TAG " + quoted(printable) + b') "Done."\r\n')
