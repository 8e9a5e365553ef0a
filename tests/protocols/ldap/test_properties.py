"""What holds for any bytes in any chunks."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols import ldap
from protocols.dialogue import (
    Credentials,
    Forward,
    Login,
    LoginResult,
    LogOut,
    Outcome,
    ProtocolError,
    StartTLS,
)
from protocols.ldap import ber
from protocols.ldap.objections import NotUnderstood
from protocols.ldap.operations import Abandon
from protocols.terms import Anonymous, BackTerms, DirectoryTerms, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.ldap.notation import message, request, said
from tests.protocols.ldap.streams import PASSWORD, START_TLS, backend_streams, client_streams, lines
from tests.protocols.talk import cutter, talk

RAISED = ("ProtocolError: ", "EOFError: ")
NOTICE = b"1.3.6.1.4.1.1466.20036"
delegated = st.sampled_from([b"", b"dn:uid=fritz,dc=test"])
results = st.lists(
    st.builds(LoginResult, st.sampled_from(Outcome), st.just(b"Text"), delegated=delegated), max_size=6
)
directories = st.builds(DirectoryTerms, st.sampled_from(Anonymous), st.booleans())
closed = directories.filter(lambda terms: terms.anonymous is not Anonymous.PASS)


def says_yes(octets):
    """Whether a bind is among what is answered that was accepted."""
    return any(line.startswith("S: bind-response ") and line.split()[3] == "0" for line in said("S", octets))


def understood(stream):
    """What can be read of the messages in a stream, up to where it breaks off."""
    while stream:
        try:
            size = ber.measure(stream, len(stream))
            told, stream = stream[:size], stream[size:]
            if len(told) < size:
                return
        except ProtocolError:
            return
        with suppress(KeyError, ProtocolError, NotUnderstood):
            yield request(told)


def outcomes_of(events, results):
    """The events, each login with its outcome, which is a refusal when there are no more."""
    waiting = iter(results)
    for event in events:
        outcome = None
        if isinstance(event, Login):
            result = next(waiting, None)
            outcome = result.outcome if result else Outcome.REJECTED
        yield event, outcome


@settings(max_examples=300)
@given(client_streams, results, closed, cuts)
def test_ldap_04_nothing_is_forwarded_before_a_login_that_was_accepted(stream, results, directory, cut):
    ended = talk(ldap.front(FrontTerms(directory=directory)), [stream], cut, results)
    accepted = False
    for event, outcome in outcomes_of(ended.happened, results):
        if outcome is not None:
            accepted = outcome is Outcome.ACCEPTED
        elif isinstance(event, LogOut):
            assert accepted, "somebody is logged out who was not in"
            accepted = False
        elif isinstance(event, Forward):
            assert accepted


@settings(max_examples=300)
@given(client_streams, results, directories, cuts)
def test_ldap_05_between_a_failed_login_and_the_next_good_bind_nothing_is_forwarded(
    stream, results, directory, cut
):
    """A good bind is one that was accepted, or one as nobody where that may ask."""
    ended = talk(ldap.front(FrontTerms(directory=directory)), [stream], cut, results)
    failed = False
    for event, outcome in outcomes_of(ended.happened, results):
        if outcome is not None:
            failed = outcome is not Outcome.ACCEPTED
        elif isinstance(event, bytes) and says_yes(event):
            failed = False
        elif isinstance(event, Forward):
            assert not failed


@settings(max_examples=300)
@given(client_streams, results, directories, cuts)
def test_whoever_was_let_in_is_logged_out_before_the_next_one(stream, results, directory, cut):
    ended = talk(ldap.front(FrontTerms(directory=directory)), [stream], cut, results)
    somebody = False
    for event, outcome in outcomes_of(ended.happened, results):
        if outcome is not None:
            assert not somebody
            somebody = outcome is Outcome.ACCEPTED
        elif isinstance(event, LogOut):
            somebody = False


@settings(max_examples=300)
@given(client_streams, results, directories, st.booleans(), cuts)
def test_what_is_forwarded_is_what_was_sent_in_its_order(stream, results, directory, taken, cut):
    ended = talk(ldap.front(FrontTerms(directory=directory)), [stream], cut, results, taken)
    asked = iter(understood(stream))
    for forwarded in ended.forwarded:
        meant = request(forwarded)
        # Of an admitted user's controls some are left out.
        assert any(meant[:2] == one[:2] and set(meant.controls) <= set(one.controls) for one in asked)


@settings(max_examples=300)
@given(st.lists(lines, max_size=10), delegated, directories, st.booleans())
def test_every_request_but_abandon_is_forwarded_or_answered_once(asked, identity, directory, taken):
    accepted = [LoginResult(Outcome.ACCEPTED, b"", delegated=identity)] * len(asked)
    stream = b"".join(map(message, asked))
    ended = talk(ldap.front(FrontTerms(directory=directory)), [stream], results=accepted, taken=taken)
    waiting = [message(line) for line in asked if not line.startswith("abandon")]
    answers = [line for line in said("S", ended.sent) if not line.startswith("S: entry ")]
    passed_on = (
        [told for told in ended.forwarded if not isinstance(request(told).operation, Abandon)]
        if taken
        else []
    )
    assert ended.end == "EOFError: "
    assert len(answers) + len(passed_on) == len(waiting)


@settings(max_examples=300)
@given(client_streams, results, directories, cuts)
def test_ldap_10_an_end_for_a_reason_is_one_notice_and_the_last_word(stream, results, directory, cut):
    ended = talk(ldap.front(FrontTerms(directory=directory)), [stream], cut, results)
    if ended.end is not None and ended.end.startswith("ProtocolError: "):
        assert ended.sent.count(NOTICE) == 1
        assert ended.sent.endswith(NOTICE)
    else:
        assert NOTICE not in ended.sent


@settings(max_examples=200)
@given(client_streams, client_streams, directories, results, cuts)
def test_stls_11_nothing_passes_before_tls(clear, secure, directory, results, cut):
    terms = FrontTerms(tls=False, starttls=True, directory=directory)
    events = talk(ldap.front(terms), [clear + START_TLS, secure], cut, results).happened
    before = events[: events.index(StartTLS())] if StartTLS() in events else events
    assert all(isinstance(event, bytes) for event in before)


@settings(max_examples=200)
@given(
    st.lists(backend_streams, min_size=1, max_size=2),
    st.none() | st.binary(min_size=1, max_size=20),
    st.booleans(),
    cuts,
)
def test_a_back_gives_a_verdict_or_ends_for_any_chunks(epochs, name, starttls, cut):
    def back():
        credentials = None if name is None else Credentials(name, PASSWORD)
        return ldap.back(BackTerms(credentials, starttls=starttls))

    ended = talk(back(), epochs, cut)
    assert isinstance(ended.end, LoginResult) or ended.end.startswith(RAISED)
    assert len(ended.sent) <= 200
    assert starttls or ended == talk(back(), epochs)


@settings(max_examples=200)
@given(backend_streams, backend_streams, cuts)
def test_stls_08_a_back_sends_no_credentials_before_tls(clear, secure, cut):
    ended = talk(ldap.back(BackTerms(Credentials(b"fritz", PASSWORD), starttls=True)), [clear, secure], cut)
    before = (
        ended.happened[: ended.happened.index(StartTLS())] if StartTLS() in ended.happened else ended.happened
    )
    assert b"".join(event for event in before if isinstance(event, bytes)) == message("extended 1 StartTLS")


@settings(max_examples=200)
@given(backend_streams, backend_streams, st.booleans(), cuts)
def test_a_probe_learns_attributes_or_ends(clear, secure, starttls, cut):
    def probing():
        return (yield from ldap.probe(starttls)), b""

    ended = talk(probing(), [clear, secure], cut)
    assert isinstance(ended.end, tuple) or ended.end.startswith(RAISED)
    assert len(ended.sent) <= 200


def test_a_front_has_no_end_of_patience_with_requests_that_are_good():
    """Time is bounded by whoever runs it."""
    stream = (
        message("delete 1 cn=x") * 2000 + message("bind 2 fritz secret") + message("delete 3 cn=x") * 2000
    )
    ended = talk(ldap.front(FrontTerms()), [stream], cutter([1000]), [LoginResult(Outcome.ACCEPTED, b"")])
    assert ended.sent.count(b"Bind first") == 2000
    assert len(ended.forwarded) == 2000
