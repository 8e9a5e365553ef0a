"""Our back logs in at our front, in memory: what goes in comes out."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from protocols import sieve
from protocols.dialogue import READ, Credentials, LoginResult, Outcome, Send, StartTLS
from protocols.terms import BackTerms, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.meeting import Met
from tests.protocols.meeting import meet as meet_in_memory

without_nul = st.binary(min_size=1, max_size=255).map(lambda value: value.replace(b"\0", b"0"))
awkward = st.text('"\\{}()+ *%a5=', min_size=1, max_size=20).map(str.encode)
usernames = awkward | without_nul
passwords = awkward | st.lists(without_nul, min_size=1, max_size=4).map(b"".join)
texts = st.binary(max_size=100).filter(lambda value: not set(value) & {*range(0x20), 0x7F})

ACCEPTED = LoginResult(Outcome.ACCEPTED, b"Welcome")
ALICE = Credentials(b"alice", b"secret")


HELLO = b"\x16"


def meet(credentials, starttls, answer, cut=lambda data: [data]) -> Met:
    front = sieve.front(FrontTerms(tls=not starttls, starttls=starttls))
    back = sieve.back(BackTerms(credentials, starttls=starttls, trusted=frozenset({b"UNAUTHENTICATE"})))
    return meet_in_memory(with_handshake(front, False), with_handshake(back, True), answer, cut)


def with_handshake(dialogue, begins):
    """The server speaks first inside TLS, and may not before the client has begun the handshake."""
    reply = None
    while True:
        try:
            request = dialogue.send(reply)
        except StopIteration as over:
            return over.value
        reply = yield request
        if isinstance(request, StartTLS) and begins:
            yield Send(HELLO)
        elif isinstance(request, StartTLS):
            assert (yield READ) == HELLO


@settings(max_examples=300)
@given(usernames, passwords, st.booleans(), cuts)
@example(b'a"b\\c{3}', b"{5}", True, lambda data: [data])
@example(b"\xff" * 255, b"\xff" * 1024, True, lambda data: [data])
@example(b"a\r\nb", b"\r\n", False, lambda data: [data])
def test_any_user_name_and_password_arrive_as_they_are(username, password, starttls, cut):
    credentials = Credentials(username, password)
    met = meet(credentials, starttls, ACCEPTED, cut)
    assert met.presented == [credentials]
    assert met.result == ACCEPTED
    assert met.tls == starttls


@settings(max_examples=100)
@given(st.sampled_from(Outcome), cuts)
def test_a_refusal_arrives_as_a_refusal_and_an_outage_as_an_outage(outcome, cut):
    met = meet(ALICE, False, LoginResult(outcome, b"Text"), cut)
    assert met.result is not None
    expected = {
        Outcome.ACCEPTED: Outcome.ACCEPTED,
        Outcome.LIMITED: Outcome.UNAVAILABLE,
        Outcome.UNAVAILABLE: Outcome.UNAVAILABLE,
    }
    assert met.result.outcome is expected.get(outcome, Outcome.REJECTED)
    assert b"Text" in met.result.text


@settings(max_examples=200)
@given(texts.filter(bool), cuts)
def test_a_text_arrives_as_it_is(text, cut):
    for outcome in (Outcome.ACCEPTED, Outcome.REJECTED):
        assert meet(ALICE, False, LoginResult(outcome, text), cut).result == LoginResult(outcome, text)


@pytest.mark.parametrize("authzid", [b"alice", b"master"])
def test_sasl_02_a_front_takes_an_authzid_that_repeats_the_user_alone(authzid):
    met = meet(Credentials(b"alice", b"secret", authzid), False, ACCEPTED)
    if authzid == b"alice":
        assert met.presented == [ALICE]
        assert met.result == ACCEPTED
    else:
        assert met.presented == []
        assert met.result == LoginResult(
            Outcome.REJECTED, b"Logging in on behalf of another user is not offered"
        )


def test_sasl_06_a_password_beyond_the_limit_is_refused_and_not_cut():
    met = meet(Credentials(b"alice", b"x" * 9212), False, ACCEPTED)
    assert met.presented == []
    assert met.result is not None
    assert met.result.outcome is Outcome.REJECTED


def test_a_probe_learns_what_the_front_offers():
    learned = []

    def probing():
        learned.extend((yield from sieve.probe(starttls=False)))
        return ACCEPTED, b""

    offered = (b'"IMPLEMENTATION" "x"', b'"SIEVE" "a\\"b\\\\c"')
    meet_in_memory(sieve.front(FrontTerms(offered=offered)), probing(), ACCEPTED)
    assert learned == [*offered, b'"SASL" "PLAIN LOGIN"']
