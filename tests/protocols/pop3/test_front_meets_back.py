"""Our back logs in at our front, in memory: what goes in comes out."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from protocols import pop3
from protocols.dialogue import Credentials, LoginResult, Outcome
from protocols.terms import BackTerms, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.meeting import Met
from tests.protocols.meeting import meet as meet_in_memory

# All that the judge would accept: no control characters.
without_controls = st.binary(min_size=1, max_size=255).map(
    lambda value: bytes(byte if byte >= 0x20 and byte != 0x7F else 0x21 for byte in value)
)
telling = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=60).map(
    str.encode
)
awkward = st.text('"\\{}()+ *%a5=', min_size=1, max_size=20).map(str.encode)
usernames = telling | awkward | without_controls
passwords = telling | awkward | st.lists(without_controls, min_size=1, max_size=4).map(b"".join)

ALL = b"SASL PLAIN LOGIN\r\n"
OFFERS = {"all that a front offers": ALL, "no PLAIN": b"SASL LOGIN\r\n", "no SASL": b""}
ACCEPTED = LoginResult(Outcome.ACCEPTED, b"[X] Welcome")
ALICE = Credentials(b"alice", b"secret")


def meet(credentials, starttls, offer, answer, cut=lambda data: [data]) -> Met:
    """The front offers `offer` once it is secure, whatever it understands besides."""
    front = pop3.front(FrontTerms(tls=not starttls, starttls=starttls))
    back = pop3.back(BackTerms(credentials, starttls=starttls))
    return meet_in_memory(front, back, answer, cut, lambda said: said.replace(ALL, offer))


@settings(max_examples=300)
@given(usernames, passwords, st.sampled_from(list(OFFERS.values())), st.booleans(), cuts)
@example(b" alice ", b" ", b"", True, lambda data: [data])
@example(b"\xff" * 255, b"\xff" * 1024, ALL, True, lambda data: [data])
@example(b"\xff" * 255, b"\xff" * 1024, b"", True, lambda data: [data])
def test_pop_01_any_user_name_and_password_arrive_as_they_are(username, password, offer, starttls, cut):
    credentials = Credentials(username, password)
    met = meet(credentials, starttls, offer, ACCEPTED, cut)
    assert met.presented == [credentials]
    assert met.result == ACCEPTED
    assert met.tls == starttls


@settings(max_examples=100)
@given(st.sampled_from(Outcome), st.sampled_from(list(OFFERS.values())), cuts)
def test_a_refusal_arrives_as_a_refusal_and_an_outage_as_an_outage(outcome, offer, cut):
    met = meet(ALICE, False, offer, LoginResult(outcome, b"Text"), cut)
    assert met.result is not None
    expected = {
        Outcome.ACCEPTED: Outcome.ACCEPTED,
        Outcome.LIMITED: Outcome.UNAVAILABLE,
        Outcome.UNAVAILABLE: Outcome.UNAVAILABLE,
    }
    assert met.result.outcome is expected.get(outcome, Outcome.REJECTED)
    assert b"Text" in met.result.text


@pytest.mark.parametrize("authzid", [b"alice", b"master"])
def test_sasl_02_a_front_takes_an_authzid_that_repeats_the_user_alone(authzid):
    met = meet(Credentials(b"alice", b"secret", authzid), False, ALL, ACCEPTED)
    if authzid == b"alice":
        assert met.presented == [ALICE]
        assert met.result == ACCEPTED
    else:
        assert met.presented == []
        assert met.result == LoginResult(
            Outcome.REJECTED, b"Logging in on behalf of another user is not offered"
        )


def test_sasl_06_a_password_beyond_the_limit_is_refused_and_not_cut():
    met = meet(Credentials(b"alice", b"x" * 9212), False, ALL, ACCEPTED)
    assert met.presented == []
    assert met.result is not None
    assert met.result.outcome is Outcome.REJECTED


def test_a_probe_learns_what_the_front_offers():
    learned = []

    def probing():
        learned.extend((yield from pop3.probe(starttls=False)))
        return ACCEPTED, b""

    meet_in_memory(pop3.front(FrontTerms(offered=(b"TOP", b"EXPIRE NEVER"))), probing(), ACCEPTED)
    ours = [b"RESP-CODES", b"AUTH-RESP-CODE", b"PIPELINING"]
    assert learned == [*ours, b"TOP", b"EXPIRE NEVER", b"USER", b"SASL PLAIN LOGIN"]
