"""What a backend says to our login, and what we make of it."""

import pytest

from tests.protocols.sieve.backs import GREETED, logging_in


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ('NO "Authentication failed."', " Authentication failed."),
        ('no "x"', " x"),
        ("NO", ""),
        ('NO ""', ""),
        (r"NO {5}\r\nWrong", " Wrong"),
        (r"NO {6}\r\na\r\nb\"c", r" a\r\nb\"c"),
        (r'NO "a\\"b\\\\c"', r" a\"b\\c"),
        ('NO (X-WRONG) "x"', " x"),
        ('NO (QUOTA/MAXSIZE) "x"', " x"),
        ('NO (X-LATER "TRYLATER") "x"', " x"),
        ('NO "(TRYLATER)"', " (TRYLATER)"),
    ],
)
def test_no_means_rejected(answer, text):
    logging_in(GREETED + f"S: {answer}\n-> rejected{text}\nrelay")


@pytest.mark.parametrize(
    "code",
    ["TRYLATER", "trylater", "ENCRYPT-NEEDED", "AUTH-TOO-WEAK", 'REFERRAL "sieve://b"', "TRANSITION-NEEDED"],
)
def test_no_with_a_code_that_speaks_of_the_backend_is_an_outage(code):
    """RFC 5804, section 1.3: it must never look like a wrong password."""
    logging_in(GREETED + f'S: NO ({code}) "The text"\n-> unavailable NO The text\nrelay')
    logging_in(GREETED + f"S: NO ({code})\n-> unavailable NO\\x20\nrelay")


@pytest.mark.parametrize("code", ["", ' (REFERRAL "sieve://b")', " (TRYLATER)", " (X)"])
def test_bye_is_an_outage(code):
    logging_in(
        GREETED + f'S: BYE{code} "Too many connections"\n-> unavailable BYE Too many connections\nrelay'
    )


@pytest.mark.parametrize(
    ("answer", "text"), [("OK", ""), ('OK "Hi"', " Hi"), ('ok (X) "Hi"', " Hi"), ('OK (TAG "1") "Hi"', " Hi")]
)
def test_ok_means_accepted(answer, text):
    logging_in(GREETED + f"S: {answer}\n-> accepted{text}\nrelay")


@pytest.mark.parametrize(
    "answer",
    ['OK (SASL "cnNwYXV0aD0=")', 'OK (SASL "") "in"', r"OK (SASL {4}\r\nAAAA) " + '"in"', "ok (sasl)"],
)
def test_sieve_02_success_with_data_is_no_success_of_plain(answer):
    """RFC 4616, section 2: the server has nothing to say. Nor is the data taken for the text."""
    logging_in(GREETED + f"S: {answer}\nerror: the backend ended PLAIN with data that it doesn't have")


def test_pipe_07_what_comes_behind_the_last_answer_is_not_lost():
    logging_in(
        GREETED
        + r"""
        S: OK "Logged in."
        C: CAPABILITY
        S: "SIEVE" "fileinto"
        S: OK
        C: UNAUTHENTICATE
        S(raw): NO\r\nunasked
        -> accepted Logged in.
        relay: unasked
        """
    )
