"""Attacks by a directory, or by somebody on the way to it."""

import pytest

from protocols import ldap
from protocols.dialogue import Credentials, StartTLS
from protocols.terms import BackTerms
from tests.protocols.ldap.backs import BIND, logging_in
from tests.protocols.ldap.notation import message
from tests.protocols.play import whole
from tests.protocols.talk import talk

TLS_ON = message('extended-response 1 0 "" @name=StartTLS')
YES = message("bind-response 2 0")


@pytest.mark.parametrize(
    "credentials", [Credentials(b"uid=fritz", b""), Credentials(b"", b"secret"), Credentials(b"", b"")]
)
@pytest.mark.parametrize("starttls", [False, True])
def test_ldap_01_a_bind_without_name_or_password_is_never_sent(credentials, starttls):
    """The directory would say yes, and mean nobody."""
    ended = talk(ldap.back(BackTerms(credentials, starttls=starttls)), [TLS_ON, YES] if starttls else [b""])
    assert ended.end == "ProtocolError: a bind without a name or a password is never sent"
    assert ended.sent == (message("extended 1 StartTLS") if starttls else b"")


def test_ldap_13_a_referral_is_not_followed_with_anybody_s_password():
    """It's the directory that is asked, and no other server: that is an outage."""
    logging_in(
        f"""
        {BIND}
        S: bind-response 1 10 "" @referral=ldap://attacker.test/dc=test
        -> unavailable 10\\x20
        relay
        """
    )


def test_ldap_13_nor_one_that_comes_with_a_yes_or_instead_of_an_answer():
    logging_in(
        f"""
        {BIND}
        S: bind-response 1 0 "" @referral=ldap://attacker.test/
        -> accepted
        relay
        """
    )
    logging_in(
        f"""
        {BIND}
        S: reference 1 ldap://attacker.test/
        error: the directory answered something else than what was asked
        """
    )


@pytest.mark.parametrize("injected", [YES, message("notice 52 Bye"), b"\x30", b"\0"])
def test_stls_07_an_answer_that_came_in_clear_is_none(injected):
    stream = TLS_ON + injected
    for at in range(1, len(stream) + 1):
        ended = talk(
            ldap.back(BackTerms(Credentials(b"fritz", b"secret"), starttls=True)),
            [stream, YES],
            cut=lambda data, at=at: [data[:at], data[at:]],
        )
        assert ended.end.startswith("ProtocolError: bytes in clear ")
        assert ended.sent == message("extended 1 StartTLS")


def test_stls_07_a_yes_before_the_question_is_none():
    logging_in(
        """
        C: extended 1 StartTLS
        S: extended-response 1 0
        S: bind-response 2 0
        error: bytes in clear after STARTTLS
        """,
        starttls=True,
        cuts=(whole,),
    )


@pytest.mark.parametrize(
    "answer", ["extended-response 1 2 No", "extended-response 1 52", "notice 52 Bye", "bind-response 2 0"]
)
def test_stls_08_without_tls_no_password_is_sent(answer):
    back = ldap.back(BackTerms(Credentials(b"fritz", b"secret"), starttls=True))
    ended = talk(back, [message(answer) + YES, YES])
    assert ended.end.startswith("ProtocolError: ")
    assert ended.sent == message("extended 1 StartTLS")
    assert StartTLS() not in ended.happened
