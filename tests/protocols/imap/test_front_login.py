"""LOGIN in all the ways that arguments are written, and the answers to a login."""

import pytest

from tests.protocols.imap.fronts import over_tls


def logs_in(said, asked):
    over_tls(
        f"""
        {said}
        login {asked} -> accepted Welcome
        S: a1 OK Welcome
        relay
        """
    )


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ("alice secret", "alice secret"),
        ("alice@example.test s%c*r]t", "alice@example.test s%c*r]t"),
        (r"CORP\\user secret", r"CORP\\user secret"),
        (r'CORP\\user "secret"', r"CORP\\user secret"),
        (r'"CORP\\\\user" "p\\"w"', r'CORP\\user "p"w"'),
        ('"alice smith" "a b"', '"alice smith" "a b"'),
        ('"alice" ""', 'alice ""'),
        ('"" ""', '"" ""'),
        ('"alice" "{5}"', "alice {5}"),
        (r'"al\xefce" "s\xe9cret"', r"al\xefce s\xe9cret"),
        (r'a"b\\c{3} secret', r'"a"b\\c{3}" secret'),
        ("  alice   secret  ", "alice secret"),
        ("alice abcd efgh ijkl mnop", 'alice "abcd efgh ijkl mnop"'),
        ("alice ABCD EFGH IJKL MNOP", 'alice "ABCD EFGH IJKL MNOP"'),
        ('alice "abcd efgh ijkl mnop"', 'alice "abcd efgh ijkl mnop"'),
        ("alice abcd-efgh-ijkl-mnop", "alice abcd-efgh-ijkl-mnop"),
    ],
)
def test_login_takes_bare_words_and_quoted_strings(arguments, asked):
    logs_in(f"C: a1 LOGIN {arguments}", asked)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (r"C: a1 LOGIN {5+}\r\nalice {6+}\r\nsecret", "alice secret"),
        (r"C: a1 LOGIN alice {6+}\r\nsecret", "alice secret"),
        (r'C: a1 LOGIN {5+}\r\nalice "secret"', "alice secret"),
        (r"C: a1 LOGIN {5+}\r\nalice secret", "alice secret"),
        (r"C: a1 LOGIN {005+}\r\nalice {0+}\r\n", 'alice ""'),
        (r"C: a1 LOGIN {5+}\r\na\r\nb {6+}\r\nsec\x00\"t", None),
        (r"C: a1 LOGIN {4+}\r\na\r\nb {6+}\r\nsec\x00\"t", r'a\r\nb "sec\x00"t"'),
        (r"C: a1 LOGIN alice {19+}\r\nabcd efgh ijkl mnop", 'alice "abcd efgh ijkl mnop"'),
    ],
)
def test_login_takes_literals_that_do_not_wait(said, asked):
    if asked is None:
        over_tls(f"{said}\nS: a1 BAD LOGIN takes a user name and a password")
    else:
        logs_in(said, asked)


def test_login_takes_literals_that_wait():
    over_tls(
        r"""
        C: a1 LOGIN {5}
        S: + OK
        C: alice {6}
        S: + OK
        C: secret
        login alice secret -> accepted Welcome
        S: a1 OK Welcome
        relay
        """
    )


def test_both_kinds_of_literals_may_be_mixed():
    over_tls(
        r"""
        C: a1 LOGIN {5}
        S: + OK
        C: alice {6+}\r\nsecret
        login alice secret -> accepted Welcome
        S: a1 OK Welcome
        relay
        """
    )


def test_a_literal_may_be_empty_and_wait():
    over_tls(
        r"""
        C: a1 LOGIN alice {0}
        S: + OK
        C:
        login alice "" -> accepted Welcome
        S: a1 OK Welcome
        relay
        """
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("", "LOGIN takes a user name and a password"),
        ("alice", "LOGIN takes a user name and a password"),
        ('"alice" "secret', "LOGIN takes a user name and a password"),
        ('"alice""secret"', "LOGIN takes a user name and a password"),
        ('"alice"x secret', "LOGIN takes a user name and a password"),
        (r'"al\\ice" secret', "LOGIN takes a user name and a password"),
        (r'"al\x00ice" secret', "LOGIN takes a user name and a password"),
        (r"al\x00ice secret", "LOGIN takes a user name and a password"),
        (r"al\rice secret", "LOGIN takes a user name and a password"),
        ("(alice) secret", "LOGIN takes a user name and a password"),
        (r"{5+}\r\nalice{6+}\r\nsecret", "LOGIN takes a user name and a password"),
        (r"alice {6+}\r\nsecretx", "LOGIN takes a user name and a password"),
        ("alice two words", "Too many arguments. Put the password in quotes"),
        ("alice abcd efgh ijkl", "Too many arguments. Put the password in quotes"),
        ("alice abcd efgh ijkl mnop qrst", "Too many arguments. Put the password in quotes"),
        ("alice abcd efgh ijkl mno1", "Too many arguments. Put the password in quotes"),
        ('alice abcd efgh ijkl "mnop"', "Too many arguments. Put the password in quotes"),
    ],
)
def test_login_with_other_arguments_is_bad_and_says_what_to_do(arguments, complaint):
    over_tls(
        f"""
        C: a1 LOGIN {arguments}
        S: a1 BAD {complaint}
        C: a2 NOOP
        S: a2 OK Nothing done
        """
    )


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("rejected", "AUTHENTICATIONFAILED"),
        ("expired", "EXPIRED"),
        ("forbidden", "AUTHORIZATIONFAILED"),
        ("blocked", "CONTACTADMIN"),
        ("limited", "LIMIT"),
        ("unavailable", "UNAVAILABLE"),
    ],
)
def test_each_refusal_has_its_code(outcome, code):
    over_tls(
        f"""
        C: a1 LOGIN alice secret
        login alice secret -> {outcome} The sentence
        S: a1 NO [{code}] The sentence
        C: a2 LOGIN alice sesame
        login alice sesame -> accepted [CAPABILITY IMAP4rev1 IDLE] The backend's own words
        S: a2 OK [CAPABILITY IMAP4rev1 IDLE] The backend's own words
        relay
        """
    )


def test_the_third_failed_login_is_the_last():
    over_tls(
        """
        C: a1 LOGIN alice one
        login alice one -> rejected Wrong
        S: a1 NO [AUTHENTICATIONFAILED] Wrong
        C: a2 AUTHENTICATE PLAIN AGFsaWNlAHR3bw==
        login alice two -> rejected Wrong
        S: a2 NO [AUTHENTICATIONFAILED] Wrong
        C: a3 LOGIN alice three
        login alice three -> rejected Wrong
        S: a3 NO [AUTHENTICATIONFAILED] Wrong
        S: * BYE Too many failed logins
        error: too many failed logins
        """
    )


def test_how_many_logins_may_fail_is_a_term():
    over_tls(
        """
        C: a1 LOGIN alice one
        login alice one -> unavailable Later
        S: a1 NO [UNAVAILABLE] Later
        S: * BYE Too many failed logins
        error: too many failed logins
        """,
        failed_logins=1,
    )
