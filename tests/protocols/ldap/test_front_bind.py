"""Binds, as often as the client likes."""

import pytest

from tests.protocols.ldap.fronts import OPERATIONS, over_tls, with_starttls, without_tls

NAMES = [
    "uid=fritz,ou=people,dc=example,dc=test",
    "UID=Fritz , ou=People,  dc=example,dc=test",
    "fritz@example.test",
    "EXAMPLE\\\\fritz",
    "fritz",
    " fritz",
    "fr\\xc3\\xaftz",
    "\\xff\\xfe",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("listener", [over_tls, without_tls])
def test_a_name_is_passed_on_as_it_was_presented(listener, name):
    listener(
        rf"""
        C: bind 1 "{name}" "abcd efgh ijkl mnop"
        login {quoted(name)} "abcd efgh ijkl mnop" -> accepted
        S: bind-response 1 0
        """
    )


def quoted(name):
    return f'"{name}"' if " " in name else name


def test_a_bind_is_answered_with_the_directory_s_own_words():
    over_tls(
        """
        C: bind 7 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> accepted Your password expires soon
        S: bind-response 7 0 "Your password expires soon"
        """
    )


def test_a_bind_after_starttls():
    with_starttls(
        """
        C: extended 1 StartTLS
        S: extended-response 1 0 "" @name=StartTLS
        tls
        C: bind 2 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 2 0
        """
    )


def test_whoever_binds_again_is_logged_out_first():
    over_tls(
        """
        C: bind 1 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 1 0
        C: bind 2 uid=dora,dc=test sesame
        log out
        login uid=dora,dc=test sesame -> admitted dn:uid=dora,dc=test
        S: bind-response 2 0
        C: bind 3 uid=dora,dc=test sesame
        log out
        login uid=dora,dc=test sesame -> admitted dn:uid=dora,dc=test
        S: bind-response 3 0
        """
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_comes_behind_a_good_bind_in_one_packet_is_done_for_that_user(operation):
    over_tls(
        f"""
        C: bind 1 uid=fritz,dc=test secret
        C: {operation}
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 1 0
        forward {operation}
        """
    )


def test_a_bind_to_another_version_is_refused():
    over_tls(
        """
        C: bind 1 uid=fritz,dc=test secret 2
        S: bind-response 1 2 "LDAP version 3 is required; choose it in the client's settings"
        C: bind 2 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 2 0
        """
    )


def test_a_control_that_need_not_be_understood_does_no_harm_to_a_bind():
    over_tls(
        """
        C: bind 1 uid=fritz,dc=test secret [1.3.6.1.4.1.42.2.27.8.5.1] [1.2.3=value]
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 1 0
        """
    )


@pytest.mark.parametrize("controls", ["[1.2.3 critical]", "[1.2.4] [1.2.3=x critical]"])
def test_a_critical_control_with_a_bind_is_refused(controls):
    over_tls(
        f"""
        C: bind 1 uid=fritz,dc=test secret {controls}
        S: bind-response 1 12 "No critical control is taken with a bind"
        """
    )


def test_a_message_id_may_be_as_large_as_one_can_be():
    over_tls(
        """
        C: bind 2147483647 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 2147483647 0
        """
    )


def test_unbind_ends_it_whether_anybody_was_bound_or_not():
    over_tls(
        """
        C: unbind 1
        closed
        """
    )
    over_tls(
        """
        C: bind 1 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 1 0
        C: unbind 2
        closed
        """
    )


def test_nothing_behind_an_unbind_is_done():
    over_tls(
        """
        C: unbind 1
        C: bind 2 uid=fritz,dc=test secret
        closed
        """
    )


def test_a_client_that_goes_without_a_word():
    over_tls(
        """
        end
        end of stream
        """
    )
    over_tls(
        """
        C(hex): 30 0c 02 01 01
        end
        end of stream
        """
    )
