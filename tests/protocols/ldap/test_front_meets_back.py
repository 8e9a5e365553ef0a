"""Our back logs in at our front, in memory: what goes in comes out."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from protocols import ldap
from protocols.dialogue import Credentials, LoginResult, Outcome
from protocols.terms import BackTerms, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.meeting import meet as meet_in_memory

telling = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).map(str.encode)
usernames = st.binary(min_size=1, max_size=300) | telling
# A password of blanks alone is none (LDAP-01).
passwords = usernames.filter(lambda password: password.strip(b" \0"))
ACCEPTED = LoginResult(Outcome.ACCEPTED, b"Welcome")


def meet(credentials, starttls, answer, cut=lambda data: [data]):
    front = ldap.front(FrontTerms(tls=not starttls, starttls=starttls))
    return meet_in_memory(front, ldap.back(BackTerms(credentials, starttls=starttls)), answer, cut)


@settings(max_examples=300)
@given(usernames, passwords, st.booleans(), cuts)
@example(b"x" * 8_000, b"\xff" * 8_000, True, lambda data: [data])
@example(b"x" * 127, b"y" * 128, False, lambda data: [data])
def test_ldap_12_any_name_and_password_arrive_as_they_are(username, password, starttls, cut):
    credentials = Credentials(username, password)
    met = meet(credentials, starttls, ACCEPTED, cut)
    assert met.presented == [credentials]
    assert met.result == ACCEPTED
    assert met.tls == starttls


@settings(max_examples=100)
@given(st.sampled_from(Outcome), st.booleans(), cuts)
def test_a_refusal_arrives_as_a_refusal_and_an_outage_as_an_outage(outcome, starttls, cut):
    met = meet(Credentials(b"fritz", b"secret"), starttls, LoginResult(outcome, b"Text"), cut)
    outages = (Outcome.LIMITED, Outcome.UNAVAILABLE)
    if outcome is Outcome.ACCEPTED:
        assert met.result == LoginResult(Outcome.ACCEPTED, b"Text")
    else:
        assert met.result.outcome is (Outcome.UNAVAILABLE if outcome in outages else Outcome.REJECTED)
        assert met.result.text.endswith(b" Text")


@pytest.mark.parametrize("password", [b" ", b"\0", b" \0 "])
def test_ldap_01_a_password_of_blanks_is_refused_as_none(password):
    met = meet(Credentials(b"fritz", password), False, ACCEPTED)
    assert met.presented == []
    assert met.result.outcome is Outcome.REJECTED


@pytest.mark.parametrize("starttls", [False, True])
def test_our_probe_learns_from_our_front(starttls):
    """One gateway may stand behind another."""

    def probing():
        return (yield from ldap.probe(starttls)), b""

    front = ldap.front(FrontTerms(tls=not starttls, starttls=starttls))
    met = meet_in_memory(front, probing(), ACCEPTED)
    assert [attribute.count(b"supportedLDAPVersion") for attribute in met.result] == [0, 1]
    assert met.forwarded == []
