"""Our back logs in at our front, in memory: what goes in comes out."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from protocols import imap
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
awkward = st.text('"\\{}()+ *%a5', min_size=1, max_size=20).map(str.encode)
usernames = telling | awkward | without_controls
passwords = telling | awkward | st.lists(without_controls, min_size=1, max_size=4).map(b"".join)

OFFERS = {
    "all that a front offers": b"IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN",
    "no SASL-IR": b"IMAP4rev1 LITERAL- ID AUTH=PLAIN AUTH=LOGIN",
    "no ID": b"IMAP4rev1 SASL-IR AUTH=PLAIN",
    "no AUTH": b"IMAP4rev1 LITERAL- ID",
    "nothing": b"IMAP4rev1",
}
ACCEPTED = LoginResult(Outcome.ACCEPTED, b"[CAPABILITY IMAP4rev1 IDLE] Welcome")


def meet(credentials, starttls, offer, answer, cut=lambda data: [data]) -> Met:
    """The front offers `offer` once it is secure, whatever it understands besides."""
    front = imap.front(FrontTerms(tls=not starttls, starttls=starttls))
    back = imap.back(BackTerms(credentials, starttls=starttls, trusted=frozenset({b"UNAUTHENTICATE"})))
    secure = OFFERS["all that a front offers"]
    return meet_in_memory(front, back, answer, cut, lambda said: said.replace(secure, offer))


@settings(max_examples=300)
@given(usernames, passwords, st.sampled_from(list(OFFERS.values())), st.booleans(), cuts)
@example(b'a"b\\c{3}', b"{5}", b"IMAP4rev1", True, lambda data: [data])
@example(b"\xff" * 255, b"\xff" * 1024, b"IMAP4rev1", True, lambda data: [data])
@example(b"x" * 255, b"x" * 1024, b"IMAP4rev1 AUTH=PLAIN", True, lambda data: [data])
def test_imap_07_any_user_name_and_password_arrive_as_they_are(username, password, offer, starttls, cut):
    credentials = Credentials(username, password)
    met = meet(credentials, starttls, offer, ACCEPTED, cut)
    assert met.presented == [credentials]
    assert met.result == ACCEPTED
    assert met.tls == starttls


@settings(max_examples=100)
@given(st.sampled_from(Outcome), st.sampled_from(list(OFFERS.values())), cuts)
def test_a_refusal_arrives_as_a_refusal_and_an_outage_as_an_outage(outcome, offer, cut):
    met = meet(Credentials(b"alice", b"secret"), False, offer, LoginResult(outcome, b"Text"), cut)
    assert met.result is not None
    expected = {
        Outcome.ACCEPTED: Outcome.ACCEPTED,
        Outcome.REJECTED: Outcome.REJECTED,
        Outcome.APP_PASSWORD_REQUIRED: Outcome.REJECTED,
        Outcome.EXPIRED: Outcome.REJECTED,
        Outcome.FORBIDDEN: Outcome.REJECTED,
    }
    assert met.result.outcome is expected.get(outcome, Outcome.UNAVAILABLE)
    assert b"Text" in met.result.text


@pytest.mark.parametrize("authzid", [b"alice", b"master"])
def test_sasl_02_a_front_takes_an_authzid_that_repeats_the_user_alone(authzid):
    met = meet(Credentials(b"alice", b"secret", authzid), False, OFFERS["no ID"], ACCEPTED)
    if authzid == b"alice":
        assert met.presented == [Credentials(b"alice", b"secret")]
        assert met.result == ACCEPTED
    else:
        assert met.presented == []
        assert met.result is not None
        assert met.result.outcome is Outcome.UNAVAILABLE


def test_imap_02_a_password_beyond_the_literal_limit_is_refused_and_not_cut():
    met = meet(Credentials(b"alice", b"\xff" * 4097), False, OFFERS["no AUTH"], ACCEPTED)
    assert met.presented == []
    assert met.result is not None
    assert met.result.outcome is Outcome.UNAVAILABLE
