"""StartTLS (RFC 4511, section 4.14)."""

import pytest

from protocols.terms import Anonymous
from tests.protocols.ldap.fronts import OPERATIONS, TLS, open_to, over_tls, with_starttls, without_tls

ALREADY = """
C: extended 2 StartTLS
S: extended-response 2 1 "TLS is already on"
"""


def test_tls_starts_behind_the_answer():
    with_starttls(
        TLS
        + """
        C: unbind 2
        closed
        """
    )


def test_it_can_be_had_once():
    with_starttls(TLS + ALREADY)
    over_tls(ALREADY)


def test_who_is_bound_stays_so_when_it_is_asked_for_again():
    with_starttls(
        TLS
        + """
        C: bind 2 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 2 0
        C: extended 3 StartTLS
        S: extended-response 3 1 "TLS is already on"
        C: search 4 dc=test sub (cn=*)
        forward search 4 dc=test sub (cn=*)
        """
    )


def test_where_there_is_none_it_is_not_known():
    without_tls(
        """
        C: extended 1 StartTLS
        S: extended-response 1 2 "This listener has no TLS"
        C: bind 2 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 2 0
        """
    )


@pytest.mark.parametrize("anonymous", Anonymous)
@pytest.mark.parametrize(("operation", "answer"), OPERATIONS.items())
def test_before_it_nothing_is_done(anonymous, operation, answer):
    with_starttls(
        f"""
        C: {operation}
        S: {answer} 2 13 "Start TLS first, then bind"
        """,
        **open_to(anonymous),
    )


def test_an_abandon_before_it_is_not_answered():
    with_starttls(
        """
        C: abandon 1 7
        C: search 2 dc=test sub (cn=*)
        S: search-done 2 13 "Start TLS first, then bind"
        """
    )
