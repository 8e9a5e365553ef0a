"""What holds for all protocols in which the backend speaks first, whatever it says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols import imap, pop3, sieve, smtp
from protocols.dialogue import Credentials, LoginResult
from protocols.terms import BackTerms
from tests.protocols.chunks import cuts
from tests.protocols.imap.streams import backend_streams as of_imap
from tests.protocols.pop3.streams import backend_streams as of_pop3
from tests.protocols.sieve.streams import backend_streams as of_sieve
from tests.protocols.smtp.streams import backend_streams as of_smtp
from tests.protocols.talk import talk

TERMS = BackTerms(Credentials(b"alice", b"secret"))


@pytest.mark.parametrize(
    ("protocol", "streams"), [(imap, of_imap), (pop3, of_pop3), (sieve, of_sieve), (smtp, of_smtp)]
)
@settings(max_examples=100)
@given(st.data(), cuts)
def test_back_01_what_is_said_at_once_with_the_greeting_is_never_a_verdict(protocol, streams, data, cut):
    """All of it came before the first question."""
    ended = talk(protocol.back(TERMS), [data.draw(streams)], cut)
    assert not isinstance(ended.end, LoginResult)
