"""Clients that haven't bound, or bound as nobody, by what the setting allows."""

import pytest

from protocols.terms import Anonymous
from tests.protocols.ldap.fronts import OPERATIONS, PASSED_THROUGH, open_to, over_tls, with_starttls

CLOSED = [Anonymous.NONE, Anonymous.ROOT_DSE]
WITHOUT_OPERATIONS = [*CLOSED, Anonymous.BIND]
ROOT_DSE = """
C: search 1 "" base (objectClass=*)
S: entry 1 "" objectClass=top supportedLDAPVersion=3
S: search-done 1 0
"""


@pytest.mark.parametrize("anonymous", CLOSED)
def test_an_anonymous_bind_is_refused(anonymous):
    over_tls(
        """
        C: bind 1 "" ""
        S: bind-response 1 48 "Anonymous binds are not allowed: give name and password"
        C: search 2 dc=test sub (cn=*)
        S: search-done 2 8 "Bind first, with name and password"
        """,
        **open_to(anonymous),
    )


def test_where_binding_alone_is_allowed_it_leads_to_nothing_else():
    """Clients such as Apache bind so before they look for anything, and would stop at a no."""
    over_tls(
        """
        C: bind 1 "" ""
        S: bind-response 1 0
        C: search 2 dc=test sub (cn=*)
        S: search-done 2 8 "Bind first, with name and password"
        C: bind 3 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 3 0
        """,
        **open_to(Anonymous.BIND),
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_where_all_is_passed_on_the_directory_judges_strangers(operation):
    over_tls(
        f"""
        C: {operation}
        forward {operation}
        C: bind 1 "" ""
        S: bind-response 1 0
        C: {operation}
        forward {operation}
        """,
        **open_to(Anonymous.PASS),
    )


@pytest.mark.parametrize("anonymous", WITHOUT_OPERATIONS)
@pytest.mark.parametrize(("operation", "answer"), OPERATIONS.items())
def test_everywhere_else_they_have_to_bind_first(anonymous, operation, answer):
    over_tls(
        f"""
        C: {operation}
        S: {answer} 2 8 "Bind first, with name and password"
        """,
        **open_to(anonymous),
    )


@pytest.mark.parametrize("anonymous", [Anonymous.ROOT_DSE, Anonymous.BIND, Anonymous.PASS])
def test_the_root_dse_is_shown_to_strangers(anonymous):
    over_tls(ROOT_DSE, **open_to(anonymous))


def test_the_root_dse_can_be_closed_to_strangers_and_not_to_who_is_in():
    over_tls(
        """
        C: search 1 "" base (objectClass=*)
        S: search-done 1 8 "Bind first, with name and password"
        """
        + PASSED_THROUGH
        + ROOT_DSE,
        **open_to(Anonymous.NONE),
    )


@pytest.mark.parametrize(
    "search", ['search 1 "" one (cn=*)', 'search 1 "" sub (cn=*)', "search 1 cn=x base (cn=*)"]
)
def test_only_the_root_dse_itself_is_meant_by_that(search):
    over_tls(
        f"""
        C: {search}
        S: search-done 1 8 "Bind first, with name and password"
        """
    )


def test_an_anonymous_bind_logs_out_who_was_in():
    over_tls(
        """
        C: bind 1 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> admitted dn:uid=fritz,dc=test
        S: bind-response 1 0
        C: bind 2 "" ""
        log out
        S: bind-response 2 0
        C: modify 3 uid=fritz,dc=test replace:userPassword=x
        forward modify 3 uid=fritz,dc=test replace:userPassword=x
        """,
        **open_to(Anonymous.PASS),
    )


@pytest.mark.parametrize("anonymous", Anonymous)
def test_nobody_binds_before_tls_not_even_nobody(anonymous):
    over = """
        C: bind 1 "" ""
        S: bind-response 1 13 "Start TLS first, then bind"
        C: search 2 dc=test sub (cn=*)
        S: search-done 2 13 "Start TLS first, then bind"
        """
    with_starttls(over, **open_to(anonymous))
