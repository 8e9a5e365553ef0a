"""A user who is in must not be able to go back to before the login, where the gatekeeper isn't asked."""

import pytest

from protocols import sieve
from protocols.terms import BackTerms
from tests.protocols.play import play
from tests.protocols.sieve.backs import ALICE, ASKED, GREETED, logging_in, unindented

IN = 'S: OK "in"\n'


@pytest.mark.parametrize("line", ['"UNAUTHENTICATE"', '"unauthenticate"', '"UNAUTHENTICATE" ""'])
def test_a_backend_that_takes_unauthenticate_is_refused(line):
    problem = "the backend would take UNAUTHENTICATE from this user, and then another login; forbid it there"
    logging_in(f"{GREETED}{IN}{ASKED}S: {line}\nS: OK\nerror: {problem}, or list it in trusted_commands")


@pytest.mark.parametrize("answer", ["OK", 'OK "Unauthenticated"', "BYE", 'BYE "x"'])
def test_back_05_one_that_takes_it_without_offering_it_is_refused(answer):
    problem = "the backend would take UNAUTHENTICATE from this user, and then another login; forbid it there"
    logging_in(
        f'{GREETED}{IN}{ASKED}S: "VERSION" "1.0"\nS: OK\nC: UNAUTHENTICATE\nS: {answer}\n'
        f"error: {problem}, or list it in trusted_commands"
    )


@pytest.mark.parametrize("answer", ["NO", 'no "Unknown command"', 'NO (X) "x"'])
def test_back_05_one_that_refuses_it_is_used(answer):
    logging_in(
        f'{GREETED}{IN}{ASKED}S: "VERSION" "1.0"\nS: OK\nC: UNAUTHENTICATE\nS: {answer}\n'
        "-> accepted in\nrelay"
    )


def test_it_is_used_where_the_configuration_says_that_this_is_meant():
    terms = BackTerms(ALICE, trusted=frozenset({b"UNAUTHENTICATE"}))
    play(lambda: sieve.back(terms), unindented(f"{GREETED}{IN}-> accepted in\nrelay"), ours="C")


def test_a_backend_that_does_not_say_what_it_offers_is_refused():
    logging_in(f'{GREETED}{IN}{ASKED}S: NO "what?"\nerror: the backend refused CAPABILITY')
