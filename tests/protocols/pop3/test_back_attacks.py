"""A backend, or somebody in its place, that says what it shouldn't."""

import pytest

from protocols.dialogue import Credentials
from protocols.sasl import encode, plain
from tests.protocols.play import whole
from tests.protocols.pop3.backs import BY_USER, CLIENT, GREETED, logging_in, probing

NO_RESPONSE = "error: the backend sent a line that is no response"
CAPA = "S: +OK ready\nC: CAPA\n"
LONG = Credentials(b"alice", b"x" * 300)
LONG_RESPONSE = encode(plain(LONG)).decode()
WAITING = CAPA + "S: +OK\nS: SASL PLAIN\nS: .\nC: AUTH PLAIN\n"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello",
        "* OK ready",
        "220 ready",
        "OK",
        "+OKAY",
        "+OK,",
        r"+OK\t",
        r"+OK\x00",
        r"+OK\r",
        " +OK",
        "-NO",
        "-",
        "++",
        "-ERR[AUTH]",
        r"\xff+OK",
        "HTTP/1.1 400 Bad Request",
    ],
)
def test_a_line_that_is_no_response_ends_it(line):
    for before in ("", CAPA, GREETED, BY_USER):
        logging_in(f"{before}S: {line}\n{NO_RESPONSE}")


@pytest.mark.parametrize("greeting", ["-ERR", "-ERR [SYS/TEMP] Busy", "-ERR [AUTH] No", "+", "+ go on"])
@pytest.mark.parametrize("starttls", [False, True])
def test_a_greeting_that_is_not_ok_ends_it(greeting, starttls):
    logging_in(f"S: {greeting}\nerror: the backend didn't greet with +OK", starttls=starttls)


def test_capabilities_without_end_end_it():
    for listening in (logging_in, probing):
        listening(f"{CAPA}S: +OK\n" + "S: X\n" * 101 + "error: the backend talks without an end")


def test_there_may_be_100_capabilities():
    logging_in(f"{CAPA}S: +OK\n" + "S: X\n" * 99 + "S: SASL PLAIN\nS: .\nC: AUTH PLAIN AGFsaWNlAHNlY3JldA==")


@pytest.mark.parametrize("before", ["", CAPA, f"{CAPA}S: +OK\n", GREETED, BY_USER])
def test_a_line_without_end_ends_it(before):
    logging_in(f"{before}S(raw): +OK {'x' * 2100}\nerror: line too long", cuts=(whole,))


def test_a_line_may_have_2048_bytes_and_no_more():
    text = "x" * (2048 - len("+OK "))
    logging_in(f"{GREETED}S: +OK {text}\n-> accepted {text}\nrelay", cuts=(whole,))
    logging_in(f"{GREETED}S: +OK {text}x\nerror: line too long", cuts=(whole,))


@pytest.mark.parametrize(
    "said", ["", "S: +OK", CAPA, f"{CAPA}S: +OK\nS: SASL PLAIN", GREETED, GREETED + "S(raw): +OK", BY_USER]
)
def test_a_backend_that_just_leaves_is_the_end_of_the_stream(said):
    after = {"S: +OK": "\nC: CAPA"}.get(said, "")
    logging_in(f"{said}{after}\nend\nend of stream")


def test_a_challenge_that_nobody_expects_is_cancelled_and_is_an_outage():
    """RFC 5034, section 4. A refusal that answers the cancelling would look like a wrong password."""
    ends = "C: *\nerror: the backend asks for more than PLAIN has to say"
    logging_in(GREETED + f"S: +\\x20\n{ends}")
    logging_in(WAITING + f"S: +\\x20\nC: {LONG_RESPONSE}\nS: + T25lLXRpbWUgY29kZTo=\n{ends}", LONG)


@pytest.mark.parametrize("answer", ["+OK in", "-ERR [AUTH] No", "-ERR Unknown command"])
def test_no_verdict_counts_before_the_credentials_were_sent(answer):
    logging_in(
        WAITING + f"S: {answer}\nerror: the backend ended the exchange before it had the credentials", LONG
    )


@pytest.mark.parametrize(
    "before",
    [
        "S: +OK ready\nS: +OK\nS: SASL PLAIN\nS: .\nS: +OK in",
        CAPA + "S: +OK\nS: SASL PLAIN\nS: .\nS: +OK in",
        CAPA + "S: -ERR unknown\nS: +OK\nS: +OK in",
        CAPA + "S: -ERR unknown\nC: USER alice\nS: +OK\nS: +OK in",
    ],
)
def test_back_01_a_yes_that_came_before_the_question_is_none(before):
    logging_in(f"{before}\nerror: the backend answered before it was asked")


def test_back_01_nor_one_that_came_before_the_response():
    logging_in(f"{WAITING}S: +\nS: +OK in\nerror: the backend answered before it was asked", credentials=LONG)


# STLS


def test_stls_07_an_answer_injected_behind_the_go_ahead_ends_it():
    logging_in(
        """
        S: +OK ready
        C: STLS
        S: +OK go
        S: +OK Logged in.
        error: bytes in clear after STARTTLS
        """,
        starttls=True,
        cuts=(whole,),
    )


def test_stls_07_also_when_all_of_it_is_sent_with_the_greeting():
    logging_in(
        """
        S: +OK ready
        S: +OK go
        S: +OK
        S: SASL PLAIN
        S: .
        S: +OK Logged in.
        error: the backend answered before it was asked
        """,
        starttls=True,
    )


@pytest.mark.parametrize("answer", ["-ERR No", "-ERR [AUTH] No", "-ERR [SYS/TEMP] No", "+", "-ERR"])
def test_stls_08_without_tls_no_credentials_are_sent(answer):
    logging_in(f"S: +OK ready\nC: STLS\nS: {answer}\nerror: the backend refused STLS", starttls=True)


def test_stls_12_nobody_is_told_of_in_clear():
    """XCLIENT waits for TLS as the credentials do."""
    logging_in(
        "S: +OK [XCLIENT] ready\nC: STLS\nS: -ERR\nerror: the backend refused STLS",
        client=CLIENT,
        starttls=True,
    )
