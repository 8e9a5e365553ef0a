"""Our back logs in at our front, in memory: what goes in comes out."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from protocols import smtp
from protocols.dialogue import Credentials, LoginResult, Outcome
from protocols.terms import BackTerms, Client, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.meeting import Met
from tests.protocols.meeting import meet as meet_in_memory

without_nul = st.binary(min_size=1, max_size=255).map(lambda value: value.replace(b"\0", b"0"))
awkward = st.text('"\\{}()+ *%a5=', min_size=1, max_size=20).map(str.encode)
usernames = awkward | without_nul
passwords = awkward | st.lists(without_nul, min_size=1, max_size=4).map(b"".join)
texts = st.binary(max_size=100).filter(lambda value: not set(value) & {*range(0x21), 0x7F})

ALL = b"250-AUTH LOGIN PLAIN\r\n250 AUTH=LOGIN PLAIN\r\n"
OFFERS = {
    "all that a front offers": ALL,
    "no PLAIN": b"250 AUTH LOGIN\r\n",
    "no LOGIN": b"250 AUTH PLAIN\r\n",
    "in the old way": b"250 AUTH=PLAIN\r\n",
}
ACCEPTED = LoginResult(Outcome.ACCEPTED, b"2.7.0 Welcome")
ALICE = Credentials(b"alice", b"secret")
CLIENT = Client(b"192.0.2.7", 49152)


def meet(credentials, starttls, offer, answer, cut=lambda data: [data], client=None) -> Met:
    """The front offers `offer` once it is secure, whatever it understands besides."""
    front = smtp.front(FrontTerms(tls=not starttls, starttls=starttls, offered=(b"SIZE 1000",)))
    # After the login there is nobody in this meeting who could refuse a second one.
    terms = BackTerms(credentials, starttls=starttls, client=client, trusted=frozenset((b"AUTH",)))
    return meet_in_memory(front, smtp.back(terms), answer, cut, lambda said: said.replace(ALL, offer))


@settings(max_examples=300)
@given(usernames, passwords, st.sampled_from(list(OFFERS.values())), st.booleans(), cuts)
@example(b'a"b\\c{3}', b"{5}", OFFERS["no PLAIN"], True, lambda data: [data])
@example(b"a\r\nMAIL FROM:<x>", b"\r\n.\r\n", ALL, False, lambda data: [data])
@example(b"\xff" * 255, b"\xff" * 1024, ALL, True, lambda data: [data])
@example(b"\xff" * 255, b"\xff" * 1024, OFFERS["no PLAIN"], True, lambda data: [data])
def test_any_user_name_and_password_arrive_as_they_are(username, password, offer, starttls, cut):
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


@settings(max_examples=100)
@given(texts.filter(bool), cuts)
def test_a_text_arrives_as_it_is(text, cut):
    assert meet(ALICE, False, ALL, LoginResult(Outcome.ACCEPTED, text), cut).result.text == text


@settings(max_examples=200)
@given(
    st.from_regex(rb"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,60}[A-Za-z0-9_])?", fullmatch=True)
    | st.sampled_from([b"[192.0.2.7]", b"[IPv6:2001:db8::7]", b"[IPV6:2001:db8::7]"]),
    st.booleans(),
    cuts,
)
def test_the_clients_name_arrives_where_it_is_one(name, starttls, cut):
    client = Client(b"192.0.2.9", 49152, name)
    assert meet(ALICE, starttls, ALL, ACCEPTED, cut, client).clients == [name]


@settings(max_examples=200)
@given(st.binary(max_size=20).map(lambda value: value + b"\r\nAUTH"), st.booleans(), cuts)
@example(b"", False, lambda data: [data])
@example(b"evil SIZE=1", False, lambda data: [data])
@example(b"[x]", False, lambda data: [data])
def test_smtp_04_where_it_is_none_the_clients_address_arrives_and_nothing_else(name, starttls, cut):
    for address, literal in ((b"192.0.2.7", b"[192.0.2.7]"), (b"2001:db8::7", b"[IPV6:2001:db8::7]")):
        met = meet(ALICE, starttls, ALL, ACCEPTED, cut, Client(address, 49152, name))
        assert met.clients == [literal]
        assert met.presented == [ALICE]


@pytest.mark.parametrize("authzid", [b"alice", b"master"])
def test_sasl_02_a_front_takes_an_authzid_that_repeats_the_user_alone(authzid):
    met = meet(Credentials(b"alice", b"secret", authzid), False, ALL, ACCEPTED)
    if authzid == b"alice":
        assert met.presented == [ALICE]
        assert met.result == ACCEPTED
    else:
        assert met.presented == []
        assert met.result is not None
        assert met.result.outcome is Outcome.UNAVAILABLE


@pytest.mark.parametrize("offer", [ALL, OFFERS["no PLAIN"]])
def test_sasl_06_a_password_beyond_the_limit_is_refused_and_not_cut(offer):
    met = meet(Credentials(b"alice", b"x" * 9217), False, offer, ACCEPTED)
    assert met.presented == []
    assert met.result is not None
    assert met.result.outcome is Outcome.UNAVAILABLE


def test_a_probe_learns_what_the_front_offers():
    learned = []

    def probing():
        learned.extend((yield from smtp.probe(starttls=False)))
        return ACCEPTED, b""

    meet_in_memory(smtp.front(FrontTerms(offered=(b"SIZE 1000", b"8BITMIME"))), probing(), ACCEPTED)
    assert learned == [b"SIZE 1000", b"8BITMIME", b"AUTH LOGIN PLAIN", b"AUTH=LOGIN PLAIN"]
