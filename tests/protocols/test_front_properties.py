"""What holds for every front, for any bytes in any chunks."""

import re
from base64 import b64encode
from dataclasses import dataclass
from types import ModuleType

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from protocols import imap, ldap, pop3, sieve, smtp
from protocols.dialogue import Forward, Login, LoginResult, Outcome, StartTLS
from protocols.terms import Anonymous, DirectoryTerms, FrontTerms
from tests.protocols.chunks import cuts
from tests.protocols.imap import streams as imap_streams
from tests.protocols.ldap import streams as ldap_streams
from tests.protocols.pop3 import streams as pop3_streams
from tests.protocols.sieve import streams as sieve_streams
from tests.protocols.smtp import streams as smtp_streams
from tests.protocols.talk import Talk, cutter, talk

RAISED = ("ProtocolError: ", "EOFError: ")
listeners = st.builds(
    FrontTerms,
    tls=st.booleans(),
    starttls=st.booleans(),
    failed_logins=st.integers(1, 4),
    directory=st.builds(DirectoryTerms, st.sampled_from(Anonymous), st.booleans()),
)
results = st.lists(
    st.builds(
        LoginResult, st.sampled_from(Outcome), st.just(b"Text"), delegated=st.sampled_from([b"", b"u:alice"])
    ),
    max_size=4,
)
whole = cutter([1 << 30])


@dataclass(frozen=True)
class Spoken:
    """A protocol, and how its clients ask for TLS. `most` octets are answered to one, at most."""

    protocol: ModuleType
    streams: ModuleType
    starttls: bytes
    most: int

    def talks(self):
        """Each stream but the last ends by asking for TLS, which is where the next one begins."""
        many = st.lists(self.streams.client_streams, min_size=1, max_size=3)
        return many.map(lambda epochs: [one + self.starttls for one in epochs[:-1]] + epochs[-1:])


every_front = pytest.mark.parametrize(
    "spoken",
    [
        Spoken(imap, imap_streams, b"t STARTTLS\r\n", 10),
        Spoken(ldap, ldap_streams, ldap_streams.START_TLS, 30),
        Spoken(pop3, pop3_streams, b"STLS\r\n", 100),
        Spoken(sieve, sieve_streams, b"STARTTLS\r\n", 30),
        Spoken(smtp, smtp_streams, b"STARTTLS\r\n", 100),
    ],
    ids=["imap", "ldap", "pop3", "sieve", "smtp"],
)


def has_ended_well(ended: Talk) -> bool:
    return ended.end in (None, "logged in") or ended.end.startswith(RAISED)


@every_front
@settings(max_examples=300)
@given(listeners, st.data(), results, cuts)
def test_a_front_answers_or_ends_and_says_the_same_for_any_chunks(spoken, terms, data, results, cut):
    epochs = data.draw(spoken.talks())
    ended = talk(spoken.protocol.front(terms), epochs, cut, results)
    assert has_ended_well(ended)
    assert ended == talk(spoken.protocol.front(terms), epochs, whole, results)


@every_front
@settings(max_examples=200)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=2), cuts)
def test_any_bytes_whatever_are_answered_or_end_it(spoken, epochs, cut):
    for terms in (FrontTerms(), FrontTerms(tls=False, starttls=True)):
        assert has_ended_well(talk(spoken.protocol.front(terms), epochs, cut))


@every_front
@settings(max_examples=200)
@given(st.data(), results, cuts)
def test_stls_11_nobody_logs_in_before_tls_where_it_is_offered(spoken, data, results, cut):
    stream = data.draw(spoken.streams.client_streams)
    terms = FrontTerms(tls=False, starttls=True)
    events = talk(spoken.protocol.front(terms), [stream + spoken.starttls, stream], cut, results).happened
    first = next((at for at, event in enumerate(events) if isinstance(event, Login | Forward)), len(events))
    assert any(isinstance(event, StartTLS) for event in events[:first]) or first == len(events)


@every_front
@settings(max_examples=200)
@given(listeners, st.data(), results, cuts)
def test_answers_are_bounded_by_what_was_asked_and_contain_no_password(spoken, terms, data, results, cut):
    epochs = data.draw(spoken.talks())
    password = spoken.streams.PASSWORD
    # A client that takes its password as a tag is told the tag again, as RFC 9051, section 2.2.1 wants it.
    assume(not re.search(rb"(?m)^[^ ]*" + b64encode(password).rstrip(b"="), b"".join(epochs)))
    ended = talk(spoken.protocol.front(terms), epochs, cut, results)
    assert len(ended.sent) <= 1000 + spoken.most * sum(map(len, epochs))
    assert password not in ended.sent
    assert b64encode(password).rstrip(b"=") not in ended.sent
