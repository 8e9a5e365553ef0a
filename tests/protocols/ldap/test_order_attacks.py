"""Attacks by the order of things: operations before a bind, behind a failed one, between two."""

import pytest

from protocols import ldap
from protocols.dialogue import Forward, Login, LoginResult, Outcome
from protocols.terms import Anonymous, DirectoryTerms, FrontTerms
from tests.protocols.ldap.fronts import OPERATIONS, PASSED_THROUGH, open_to, over_tls
from tests.protocols.ldap.notation import message, request
from tests.protocols.talk import talk

BIND = message("bind 1 uid=fritz,dc=test secret")
OPEN = FrontTerms(directory=DirectoryTerms(Anonymous.PASS))
FAILING = {
    'bind 1 uid=fritz,dc=test ""': 'bind-response 1 53 "A name without a password is not accepted"',
    'bind 1 "" secret': 'bind-response 1 53 "A password without a name is not accepted"',
    "bind 1 uid=fritz,dc=test secret 2": (
        'bind-response 1 2 "LDAP version 3 is required; choose it in the client\'s settings"'
    ),
    'bind-sasl 1 "" EXTERNAL': 'bind-response 1 7 "Only simple binds are offered, with name and password"',
    "bind 1 uid=fritz,dc=test secret [1.2.3 critical]": (
        'bind-response 1 12 "No critical control is taken with a bind"'
    ),
}


@pytest.mark.parametrize(("operation", "answer"), OPERATIONS.items())
def test_ldap_04_nothing_is_done_before_a_bind(operation, answer):
    over_tls(
        f"""
        C: {operation}
        S: {answer} 2 8 "Bind first, with name and password"
        C: bind 3 uid=fritz,dc=test secret
        login uid=fritz,dc=test secret -> accepted
        S: bind-response 3 0
        C: {operation}
        forward {operation}
        """
    )


def test_ldap_04_an_abandon_before_a_bind_goes_nowhere():
    over_tls(
        """
        C: abandon 1 7
        C: unbind 2
        closed
        """
    )


@pytest.mark.parametrize(
    "operation", ["search 3 dc=test sub (cn=*)", "modify 3 cn=x replace:cn=y", "extended 3 WhoAmI"]
)
def test_ldap_05_after_a_failed_bind_nobody_is_who_he_was(operation):
    kind = {"s": "search-done", "m": "modify-response", "e": "extended-response"}[operation[0]]
    over_tls(
        PASSED_THROUGH
        + f"""
        C: bind 2 uid=fritz,dc=test wrong
        log out
        login uid=fritz,dc=test wrong -> rejected No
        S: bind-response 2 49 No
        C: {operation}
        S: {kind} 3 8 "Bind first, with name and password"
        """
    )


def test_ldap_05_where_strangers_may_ask_a_failed_bind_makes_no_stranger():
    """What was meant for a user isn't asked by nobody, whose answer would look like the user's."""
    over_tls(
        """
        C: search 1 dc=test sub (cn=*)
        forward search 1 dc=test sub (cn=*)
        C: bind 2 uid=fritz,dc=test wrong
        login uid=fritz,dc=test wrong -> rejected No
        S: bind-response 2 49 No
        C: search 3 dc=test sub (cn=*)
        S: search-done 3 8 "Bind first, with name and password"
        C: bind 4 "" ""
        S: bind-response 4 0
        C: search 5 dc=test sub (cn=*)
        forward search 5 dc=test sub (cn=*)
        """,
        **open_to(Anonymous.PASS),
    )


@pytest.mark.parametrize("behind", OPERATIONS)
@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.UNAVAILABLE, Outcome.LIMITED])
def test_ldap_06_nothing_behind_a_failed_bind_is_done_wherever_the_stream_is_cut(behind, outcome):
    stream = BIND + message(behind)
    for terms in (FrontTerms(), OPEN):
        for at in range(1, len(stream)):
            ended = talk(
                ldap.front(terms),
                [stream],
                lambda data, at=at: [data[:at], data[at:]],
                [LoginResult(outcome, b"No")],
            )
            assert ended.forwarded == []
            assert ended.end == "ProtocolError: operations behind a bind that failed"
            assert ended.sent.endswith(message('notice 2 "Operations behind a bind that failed"'))


@pytest.mark.parametrize(("bind", "answer"), FAILING.items())
@pytest.mark.parametrize("anonymous", Anonymous)
def test_ldap_06_nor_behind_a_bind_that_was_refused_by_its_form(bind, answer, anonymous):
    over_tls(
        f"""
        C: {bind}
        C: modify 2 uid=fritz,dc=test replace:mail=x
        S: {answer}
        S: modify-response 2 8 "Bind first, with name and password"
        """,
        **open_to(anonymous),
    )


def test_ldap_06_a_good_bind_comes_before_all_that_stands_behind_it():
    stream = BIND + b"".join(map(message, OPERATIONS))
    for at in range(1, len(stream)):
        ended = talk(
            ldap.front(FrontTerms()),
            [stream],
            lambda data, at=at: [data[:at], data[at:]],
            [LoginResult(Outcome.ACCEPTED, b"")],
        )
        login, answer, *operations = ended.happened
        assert isinstance(login, Login)
        assert answer == message("bind-response 1 0")
        assert operations == [Forward(request(message(operation))) for operation in OPERATIONS]


def test_ldap_06_a_second_bind_behind_a_failed_one_is_not_tried():
    ended = talk(ldap.front(FrontTerms()), [BIND * 2])
    assert len(ended.logins) == 1
