"""A backend, or somebody in its place, that says what it shouldn't."""

import pytest

from tests.protocols.play import whole
from tests.protocols.smtp.backs import GREETED, NO_SECOND, logging_in

NO_REPLY = "error: the backend sent a line that is no reply"
WITHOUT_END = "error: the backend talks without an end"
WAITING = """
S: 220 ready
C: EHLO [127.0.0.1]
S: 250-mail.internal
S: 250 AUTH LOGIN
C: AUTH LOGIN
"""


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello",
        "* OK ready",
        "+OK",
        "23",
        "2350 ok",
        "235ok",
        "235_ok",
        r"235\tok",
        " 235 ok",
        "100 Continue",
        "000 x",
        "635 x",
        "999",
        "-35 x",
        r"235\x00",
        r"\xb2\xb35 ok",
        "HTTP/1.1 400 Bad Request",
    ],
)
def test_smtp_03_a_line_that_is_no_reply_ends_it(line):
    logging_in(f"S: {line}\n{NO_REPLY}")
    logging_in(GREETED + f"S: {line}\n{NO_REPLY}")
    logging_in(GREETED + f"S: 235-ok\nS: {line}\n{NO_REPLY}")


@pytest.mark.parametrize(
    "lines", ["535-no\nS: 235 ok", "235-ok\nS: 535 no", "235-ok\nS: 235-ok\nS: 236 ok", "334-\nS: 235 in"]
)
def test_smtp_03_two_codes_in_one_reply_end_it(lines):
    logging_in(GREETED + f"S: {lines}\nerror: the backend sent a reply with two codes")


@pytest.mark.parametrize("code", ["220", "250", "235", "535", "334"])
def test_smtp_03_a_reply_without_end_ends_it(code):
    before = {"220": "", "250": "S: 220\nC: EHLO [127.0.0.1]\n"}.get(code, GREETED)
    logging_in(before + f"S: {code}-more\n" * 100 + WITHOUT_END)


def test_smtp_03_a_reply_may_have_100_lines():
    logging_in(GREETED + "S: 235-more\n" * 99 + "S: 235 in" + NO_SECOND + "-> accepted in\nrelay")


def test_smtp_03_a_line_without_end_ends_it():
    logging_in(GREETED + f"S(raw): 235 {'x' * 2100}\nerror: line too long", cuts=(whole,))


def test_smtp_03_a_line_may_have_2048_bytes_and_no_more():
    text = "x" * (2048 - len("235 "))
    logging_in(GREETED + f"S: 235 {text}" + NO_SECOND + f"-> accepted {text}\nrelay", cuts=(whole,))
    logging_in(GREETED + f"S: 235 {text}x\nerror: line too long", cuts=(whole,))


@pytest.mark.parametrize("code", ["421", "554", "250", "235", "334", "500"])
def test_smtp_03_a_greeting_that_is_not_220_ends_it(code):
    for starttls in (False, True):
        logging_in(
            f"S: {code} No\nerror: the backend didn't greet with 220: it said {code}", starttls=starttls
        )


@pytest.mark.parametrize(
    "said",
    [
        "",
        "S: 220 ready\nC: EHLO [127.0.0.1]",
        "S: 220 ready\nC: EHLO [127.0.0.1]\nS: 250-mail.internal",
        GREETED,
        GREETED + "S: 235 2.7.0 in\nC: AUTH PLAIN",
        WAITING + "S: 334 VXNlcm5hbWU6\nC: YWxpY2U=",
    ],
)
def test_smtp_03_a_backend_that_just_leaves_is_the_end_of_the_stream(said):
    logging_in(f"{said}\nend\nend of stream")


def test_a_challenge_that_nobody_expects_is_cancelled():
    logging_in(
        GREETED
        + r"""
        S: 334\x20
        C: *
        S: 501 5.7.0 Authentication aborted
        -> unavailable 501 5.7.0 Authentication aborted
        relay
        """
    )
    logging_in(
        WAITING
        + """
        S: 334 VXNlcm5hbWU6
        C: YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C: c2VjcmV0
        S: 334 T25lLXRpbWUgY29kZTo=
        C: *
        S: 535 5.7.8 Error
        -> rejected 535 5.7.8 Error
        relay
        """
    )


def test_challenges_without_end_end_it():
    logging_in(
        GREETED
        + r"""
        S: 334\x20
        C: *
        S: 334\x20
        error: the backend goes on with an exchange that was cancelled
        """
    )


@pytest.mark.parametrize("before", ["", "S: 334 VXNlcm5hbWU6\nC: YWxpY2U=\n"])
def test_a_welcome_before_the_password_was_sent_is_no_login(before):
    logging_in(
        WAITING
        + before
        + "S: 235 2.7.0 in\nerror: the backend accepted the login before it had the credentials"
    )


def test_a_refusal_before_the_password_was_sent_is_a_refusal():
    logging_in(
        WAITING
        + """
        S: 334 VXNlcm5hbWU6
        C: YWxpY2U=
        S: 535 5.7.8 No such user
        -> rejected 535 5.7.8 No such user
        relay
        """
    )


@pytest.mark.parametrize(
    "before",
    [
        "S: 220 ready\nS: 250 AUTH PLAIN\nS: 235 in\nS: 503 in",
        "S: 220 ready\nC: EHLO [127.0.0.1]\nS: 250-x\nS: 250 AUTH PLAIN\nS: 235 in",
        WAITING + "S: 334 VXNlcm5hbWU6\nS: 334 UGFzc3dvcmQ6",
        WAITING + "S: 334 VXNlcm5hbWU6\nC: YWxpY2U=\nS: 334 UGFzc3dvcmQ6\nS: 235 in",
        GREETED + "S: 235 in\nS: 503 in",
        GREETED + "S: 235 in\nS: 421 4.3.2 Shutting down",
    ],
)
def test_back_01_an_answer_that_came_before_the_question_is_none(before):
    logging_in(f"{before}\nerror: the backend answered before it was asked")


# STARTTLS


def test_stls_07_an_answer_injected_behind_the_go_ahead_ends_it():
    logging_in(
        """
        S: 220 ready
        C: EHLO [127.0.0.1]
        S: 250-mail.internal
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go
        S: 235 2.7.0 in
        error: bytes in clear after STARTTLS
        """,
        starttls=True,
        cuts=(whole,),
    )


def test_stls_07_also_when_all_of_it_is_sent_with_the_greeting():
    logging_in(
        """
        S: 220 ready
        S: 250-mail.internal
        S: 250 AUTH PLAIN
        S: 220 go
        S: 250-mail.internal
        S: 250 AUTH PLAIN
        S: 235 2.7.0 in
        error: the backend answered before it was asked
        """,
        starttls=True,
    )


@pytest.mark.parametrize("code", ["502", "454", "421", "250", "235", "334", "530", "503"])
@pytest.mark.parametrize("offer", ["250 STARTTLS", "250 AUTH PLAIN LOGIN"])
def test_stls_08_without_tls_no_credentials_are_sent(offer, code):
    logging_in(
        f"""
        S: 220 ready
        C: EHLO [127.0.0.1]
        S: 250-mail.internal
        S: {offer}
        C: STARTTLS
        S: {code} No
        error: the backend refused STARTTLS: it said {code}
        """,
        starttls=True,
    )


def test_stls_12_the_offer_in_clear_is_forgotten():
    logging_in(
        """
        S: 220 ready
        C: EHLO [127.0.0.1]
        S: 250-mail.internal
        S: 250-XCLIENT ADDR LOGIN
        S: 250-AUTH PLAIN
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go
        tls
        C: EHLO [127.0.0.1]
        S: 250-mail.internal
        S: 250 SIZE
        error: the backend offers no AUTH PLAIN
        """,
        starttls=True,
    )


def test_stls_12_nobody_is_told_of_in_clear():
    """XCLIENT waits for TLS as the credentials do."""
    logging_in(
        """
        S: 220 ready
        C: EHLO [127.0.0.1]
        S: 250-mail.internal
        S: 250 XCLIENT ADDR LOGIN
        C: STARTTLS
        S: 502 No
        error: the backend refused STARTTLS: it said 502
        """,
        credentials=None,
        starttls=True,
    )
