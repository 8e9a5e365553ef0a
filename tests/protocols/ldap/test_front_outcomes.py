"""How a bind ends, in the codes that a client may learn: an outage is never a wrong password."""

import pytest

from protocols.dialogue import Outcome
from tests.protocols.ldap.fronts import OPERATIONS, PASSED_THROUGH, over_tls

CODES = {
    Outcome.ACCEPTED: 0,
    Outcome.REJECTED: 49,
    Outcome.APP_PASSWORD_REQUIRED: 49,
    Outcome.EXPIRED: 49,
    Outcome.FORBIDDEN: 49,
    Outcome.BLOCKED: 49,
    Outcome.LIMITED: 51,
    Outcome.UNAVAILABLE: 52,
}
REFUSALS = [outcome for outcome in Outcome if outcome is not Outcome.ACCEPTED]


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_its_code(outcome):
    over_tls(
        f"""
        C: bind 1 fritz secret
        login fritz secret -> {outcome.name.lower()} A sentence
        S: bind-response 1 {CODES[outcome]} "A sentence"
        """
    )


@pytest.mark.parametrize("outcome", REFUSALS)
@pytest.mark.parametrize(("operation", "answer"), OPERATIONS.items())
def test_after_a_failed_bind_nothing_is_done(outcome, operation, answer):
    over_tls(
        f"""
        C: bind 1 fritz secret
        login fritz secret -> {outcome.name.lower()} No
        S: bind-response 1 {CODES[outcome]} No
        C: {operation}
        S: {answer} 2 8 "Bind first, with name and password"
        """
    )


@pytest.mark.parametrize("outcome", REFUSALS)
def test_a_failed_bind_takes_away_what_a_good_one_gave(outcome):
    over_tls(
        PASSED_THROUGH
        + f"""
        C: search 2 dc=test sub (cn=*)
        forward search 2 dc=test sub (cn=*)
        C: bind 3 fritz wrong
        log out
        login fritz wrong -> {outcome.name.lower()} No
        S: bind-response 3 {CODES[outcome]} No
        C: search 4 dc=test sub (cn=*)
        S: search-done 4 8 "Bind first, with name and password"
        C: bind 5 fritz right
        login fritz right -> accepted
        S: bind-response 5 0
        C: search 6 dc=test sub (cn=*)
        forward search 6 dc=test sub (cn=*)
        """
    )


@pytest.mark.parametrize(("operation", "answer"), OPERATIONS.items())
def test_an_operation_that_no_backend_takes_is_answered_in_its_own_kind(operation, answer):
    over_tls(
        PASSED_THROUGH
        + f"""
        C: {operation}
        forward {operation} -> not taken
        S: {answer} 2 52 "The directory is unavailable for the moment. Please try again later"
        C: search 3 dc=test sub (cn=*)
        forward search 3 dc=test sub (cn=*)
        """
    )


def test_an_abandon_that_no_backend_takes_gets_no_answer():
    over_tls(
        PASSED_THROUGH
        + """
        C: abandon 3 2
        forward abandon 3 2 -> not taken
        C: unbind 4
        closed
        """
    )
