"""After a bind by a name, the directory is asked whom it has bound (RFC 4532)."""

import pytest

from protocols import ldap
from protocols.terms import BackTerms
from tests.gateway.ldap import ber
from tests.protocols.ldap.backs import BIND, BOTH, FRITZ, logging_in
from tests.protocols.ldap.lengths import long_form
from tests.protocols.ldap.notation import message
from tests.protocols.talk import talk

BOUND = BIND + "S: bind-response 1 0\nC: extended 2 WhoAmI\n"


def reported(*said):
    """Who it is by these answers, each to a question of its own, in pieces of any size."""
    terms = BackTerms(FRITZ, ask_who=True)
    talks = [talk(ldap.back(terms), [b"".join(said)], cut, turns=lambda _: list(said)) for cut in BOTH]
    ended = [one.end for one in talks]
    assert ended[0] == ended[1]
    return ended[0].reported


@pytest.mark.parametrize("who", ["dn:uid=fritz,dc=test", "u:EXAMPLE\\fritz", "", "\u00fc" * 40])
@pytest.mark.parametrize("form", [lambda octets: octets, lambda octets: long_form(octets, 4)])
def test_the_identity_is_what_stands_in_the_answer(who, form):
    value = ber.element(0x8B, who.encode())
    answer = ber.result(2, ber.EXTENDED_RESPONSE, 0, "", value)
    assert reported(message("bind-response 1 0"), form(answer)) == who.encode()


@pytest.mark.parametrize("code", [2, 12, 53, 80])
def test_a_directory_that_refuses_the_question_says_nothing(code):
    said = message("bind-response 1 0"), message(f"extended-response 2 {code} No")
    assert reported(*said) is None


def test_it_is_asked_only_after_a_bind_that_was_taken():
    logging_in(f"{BIND}S: bind-response 1 49 No\n-> rejected 49 No\nrelay\n", ask_who=True)
    logging_in(f'{BOUND}S: extended-response 2 0 "" @value=dn:cn=x\n-> accepted\nrelay\n', ask_who=True)


@pytest.mark.parametrize(
    "answer",
    [
        "bind-response 2 0",
        "extended-response 1 0",
        "extended-response 3 0",
        "search-done 2 0",
        "notice 52 Bye",
    ],
)
def test_another_answer_is_none(answer):
    terms = BackTerms(FRITZ, ask_who=True)
    said = message("bind-response 1 0") + message(answer)
    assert talk(ldap.back(terms), [said]).end.startswith("ProtocolError: ")
