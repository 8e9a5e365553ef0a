"""A backend, or somebody in its place, that says what it shouldn't."""

import pytest

from tests.protocols.play import whole
from tests.protocols.sieve.backs import CLIENT, GREETED, LOGIN, logging_in, probing

NO_RESPONSE = "error: the backend sent a line that is no response"
WITHOUT_END = "error: the backend talks without an end"
CLEAR = 'S: "SASL" "PLAIN"\nS: "STARTTLS"\nS: OK "ready"\nC: STARTTLS\n'


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello",
        "+OK",
        "* OK ready",
        "220 ready",
        "OKAY",
        "OK in",
        'OK"in"',
        'OK  "in"',
        'OK "in" x',
        'OK "in',
        'OK in"',
        r'OK "a"b"',
        'OK (X "in"',
        'OK X) "in"',
        'OK () "in"',
        'OK (1) "in"',
        r"OK\t",
        r"OK\x00",
        r"OK\r",
        " OK",
        "-ERR",
        r"\xffOK",
        "HTTP/1.1 400 Bad Request",
    ],
)
def test_a_line_that_is_no_response_ends_it(line):
    for before in ("", 'S: "SASL" "PLAIN"\n', GREETED):
        logging_in(f"{before}S: {line}\n{NO_RESPONSE}")


def test_a_string_in_answer_to_the_login_ends_it():
    """A challenge that PLAIN doesn't have, or capabilities that nobody asked for."""
    for line in ('""', '"VXNlcm5hbWU6"', '"SASL" "PLAIN"', r"{0}\r\n"):
        logging_in(f"{GREETED}S: {line}\n{NO_RESPONSE}")


@pytest.mark.parametrize("greeting", ["NO", 'NO (TRYLATER) "Busy"', "BYE", 'BYE "Busy"', 'no "x"'])
@pytest.mark.parametrize("starttls", [False, True])
def test_a_greeting_that_is_not_ok_ends_it(greeting, starttls):
    for before in ("", 'S: "SASL" "PLAIN"\n'):
        logging_in(f"{before}S: {greeting}\nerror: the backend didn't greet with OK", starttls=starttls)


def test_capabilities_without_end_end_it():
    for listening in (logging_in, probing):
        listening('S: "X"\n' * 100 + WITHOUT_END)


def test_there_may_be_99_capabilities():
    logging_in('S: "X"\n' * 98 + f'S: "SASL" "PLAIN"\nS: OK\n{LOGIN}')


@pytest.mark.parametrize("before", ["", 'S: "SASL" "PLAIN"\n', GREETED])
@pytest.mark.parametrize("start", ['OK "', '"SIEVE" "', "", "{"])
def test_a_line_without_end_ends_it(before, start):
    logging_in(f"{before}S(raw): {start}{'1' * 16400}\nerror: line too long", cuts=(whole,))


@pytest.mark.parametrize("size", ["16385", "2000000000", "9" * 20, "9" * 5000])
@pytest.mark.parametrize("start", ["OK ", "NO ", '"SIEVE" ', "OK (SASL ", ""])
def test_sieve_01_a_huge_literal_ends_it_before_any_of_it_is_read(start, size):
    for before in ("", 'S: "SASL" "PLAIN"\n', GREETED):
        logging_in(f"{before}S: {start}{{{size}}}\nerror: literal too long")


def test_sieve_01_literals_without_end_end_it():
    literal = r"{16000}\r\n" + "x" * 16000 + " "
    logging_in(f"{GREETED}S: OK {literal * 4}{{2000}}\nerror: literal too long", cuts=(whole,))


def test_a_text_may_be_a_literal_of_16384_bytes():
    text = "x" * 16384
    logging_in(f"{GREETED}S: NO {{16384}}\nS: {text}\n-> rejected {text}\nrelay", cuts=(whole,))


@pytest.mark.parametrize(
    "said", ["", 'S: "SASL" "PLAIN"', 'S(raw): "SAS', GREETED, GREETED + "S(raw): OK {50}\\r\\nab"]
)
def test_a_backend_that_just_leaves_is_the_end_of_the_stream(said):
    logging_in(f"{said}\nend\nend of stream")


@pytest.mark.parametrize(
    "before",
    [
        'S: "SASL" "PLAIN"\nS: OK "ready"\nS: OK "in"',
        GREETED + 'S: OK "in"\nS: "VERSION" "1.0"\nS: OK\nS: NO',
        GREETED + 'S: OK "in"\nC: CAPABILITY\nS: "VERSION" "1.0"\nS: OK\nS: NO',
    ],
)
def test_back_01_an_answer_that_came_before_the_question_is_none(before):
    logging_in(f"{before}\nerror: the backend answered before it was asked")


# STARTTLS


def test_stls_07_an_answer_injected_behind_the_go_ahead_ends_it():
    logging_in(
        CLEAR + 'S: OK "go"\nS: OK "Logged in."\nerror: bytes in clear after STARTTLS',
        starttls=True,
        cuts=(whole,),
    )


def test_stls_07_also_when_all_of_it_is_sent_with_the_greeting():
    logging_in(
        """
        S: "SASL" "PLAIN"
        S: OK "ready"
        S: OK "go"
        S: "SASL" "PLAIN"
        S: OK "ready"
        S: OK "Logged in."
        error: the backend answered before it was asked
        """,
        starttls=True,
    )


@pytest.mark.parametrize("answer", ["NO", 'NO "No TLS"', 'NO (TRYLATER) "x"', "BYE"])
def test_stls_08_without_tls_no_credentials_are_sent(answer):
    logging_in(f"{CLEAR}S: {answer}\nerror: the backend refused STARTTLS", starttls=True)


def test_stls_08_nor_where_it_is_not_even_offered():
    logging_in(
        'S: "SASL" "PLAIN"\nS: OK "ready"\nC: STARTTLS\nS: NO "Unknown"\nerror: the backend refused STARTTLS',
        starttls=True,
    )


def test_stls_12_the_offer_in_clear_is_forgotten():
    logging_in(
        CLEAR + 'S: OK "go"\ntls\nS: "SIEVE" "x"\nS: OK\nerror: the backend offers no PLAIN', starttls=True
    )


def test_stls_12_inside_tls_it_greets_anew_or_not_at_all():
    logging_in(
        CLEAR + 'S: OK "go"\ntls\nS: NO "x"\nerror: the backend didn\'t greet with OK inside TLS',
        starttls=True,
    )
    logging_in(CLEAR + 'S: OK "go"\ntls\nend\nend of stream', starttls=True)


def test_stls_12_nobody_is_told_of_in_clear():
    """XCLIENT waits for TLS as the credentials do, and for what is offered inside."""
    logging_in(
        f"""
        S: "XCLIENT" "ADDR PORT"
        S: OK "ready"
        C: STARTTLS
        S: OK "go"
        tls
        S: "SASL" "PLAIN"
        S: OK "ready"
        {LOGIN}
        """,
        client=CLIENT,
        starttls=True,
    )
