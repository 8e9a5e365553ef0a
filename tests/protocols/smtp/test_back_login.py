"""How we log in at a submission server, by what it offers."""

import pytest

from protocols import smtp
from protocols.dialogue import Credentials
from protocols.sasl import encode
from tests.protocols.play import play
from tests.protocols.smtp.backs import CLIENT, GREETED, LOGIN, MASTER, NO_SECOND, logging_in

ACCEPTED = "-> accepted 2.7.0 in\nrelay"


def b64(text: str) -> str:
    return encode(text.encode()).decode()


def test_plain_goes_with_its_initial_response():
    logging_in(GREETED + "S: 235 2.7.0 in" + NO_SECOND + ACCEPTED)


def test_a_master_user_names_the_user_in_the_authzid():
    logging_in(
        """
        S: 220 ready
        C: EHLO [127.0.0.1]
        S: 250-mail.internal
        S: 250 AUTH PLAIN
        C: AUTH PLAIN YWxpY2UAbWFzdGVyAHNlY3JldA==
        S: 235 2.7.0 in
        """
        + NO_SECOND
        + ACCEPTED,
        MASTER,
    )


@pytest.mark.parametrize("offer", ["AUTH=PLAIN", "auth plain", "Auth LOGIN=PLAIN", "AUTH  CRAM-MD5  PLAIN"])
def test_the_offer_is_read_whatever_its_case_and_its_equals_signs(offer):
    logging_in(f"S: 220\nC: EHLO [127.0.0.1]\nS: 250-x\nS: 250 {offer}\n{LOGIN}")


def test_several_lines_of_auth_are_taken_together():
    logging_in(f"S: 220\nC: EHLO [127.0.0.1]\nS: 250-x\nS: 250-AUTH LOGIN\nS: 250 AUTH=PLAIN\n{LOGIN}")


def test_a_greeting_may_have_several_lines():
    logging_in(
        f"""
        S: 220-mail.internal ESMTP
        S: 220-We do not authorize the use of this system to transport unsolicited mail
        S: 220
        C: EHLO [127.0.0.1]
        S: 250-x
        S: 250 AUTH PLAIN
        {LOGIN}
        """
    )


def test_starttls_and_then_the_extensions_are_asked_again():
    logging_in(
        f"""
        S: 220 ready
        C: EHLO [127.0.0.1]
        S: 250-mail.internal
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 2.0.0 go
        tls
        C: EHLO [127.0.0.1]
        S: 250-mail.internal
        S: 250 AUTH PLAIN
        {LOGIN}
        S: 235 2.7.0 in
        """
        + NO_SECOND
        + ACCEPTED,
        starttls=True,
    )


def test_without_plain_login_goes_by_its_prompts():
    logging_in(
        """
        S: 220 ready
        C: EHLO [127.0.0.1]
        S: 250-mail.internal
        S: 250 AUTH LOGIN NTLM
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C: c2VjcmV0
        S: 235 2.7.0 in
        C: AUTH LOGIN
        S: 503 5.5.1 already authenticated
        """
        + ACCEPTED
    )


@pytest.mark.parametrize(("user", "password"), [("334 VXNlciBOYW1lAA==", "334"), ("334", "334 UGFzc3dvcmQA")])
def test_the_words_of_the_prompts_do_not_matter(user, password):
    logging_in(
        f"""
        S: 220 ready
        C: EHLO [127.0.0.1]
        S: 250-mail.internal
        S: 250 AUTH LOGIN
        C: AUTH LOGIN
        S: {user}
        C: YWxpY2U=
        S: {password}
        C: c2VjcmV0
        """
    )


def test_acting_for_another_user_needs_auth_plain():
    for offer in ("AUTH LOGIN", "AUTH", "AUTH CRAM-MD5", "SIZE"):
        logging_in(
            f"""
            S: 220 ready
            C: EHLO [127.0.0.1]
            S: 250-mail.internal
            S: 250 {offer}
            error: the backend offers no AUTH PLAIN
            """,
            MASTER,
        )


@pytest.mark.parametrize("offer", ["AUTH", "AUTH CRAM-MD5 NTLM", "SIZE 5", "XAUTH PLAIN", "AUTHPLAIN"])
def test_no_mechanism_is_tried_that_is_not_offered(offer):
    logging_in(
        f"S: 220\nC: EHLO [127.0.0.1]\nS: 250-x\nS: 250 {offer}\nerror: the backend offers no AUTH PLAIN"
    )


def test_a_response_that_makes_a_line_of_more_than_512_bytes_waits_for_the_challenge():
    """RFC 4954, section 4."""
    head = "S: 220 ready\nC: EHLO [127.0.0.1]\nS: 250-x\nS: 250 AUTH PLAIN\n"
    # 512 - CRLF - "AUTH PLAIN " leaves room for 496 characters of base64, which are 372 bytes.
    fits, longer = "x" * (372 - len("\0alice\0")), "x" * (373 - len("\0alice\0"))
    logging_in(
        head + f"C: AUTH PLAIN {b64(chr(0) + 'alice' + chr(0) + fits)}", Credentials(b"alice", fits.encode())
    )
    logging_in(
        head
        + rf"""
        C: AUTH PLAIN
        S: 334\x20
        C: {b64(chr(0) + "alice" + chr(0) + longer)}
        S: 235 2.7.0 in
        """
        + NO_SECOND
        + ACCEPTED,
        Credentials(b"alice", longer.encode()),
    )


def test_ehlo_that_is_refused_for_the_clients_name_is_tried_with_its_address():
    logging_in(
        f"""
        S: 220 ready
        C: EHLO laptop
        S: 504 5.5.2 <laptop>: Helo command rejected: need fully-qualified hostname
        C: EHLO [192.0.2.7]
        S: 250-mail.internal
        S: 250 AUTH PLAIN
        {LOGIN}
        """,
        client=CLIENT,
    )


def test_the_address_is_kept_after_starttls():
    logging_in(
        f"""
        S: 220 ready
        C: EHLO laptop
        S: 550 Go away
        C: EHLO [192.0.2.7]
        S: 250-mail.internal
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go
        tls
        C: EHLO [192.0.2.7]
        S: 250-mail.internal
        S: 250 AUTH PLAIN
        {LOGIN}
        """,
        client=CLIENT,
        starttls=True,
    )


@pytest.mark.parametrize("code", ["500", "502", "550", "421", "450", "220", "354"])
def test_ehlo_that_is_refused_for_no_name_ends_it(code):
    logging_in(
        f"""
        S: 220 ready
        C: EHLO [127.0.0.1]
        S: {code} No
        error: the backend refused EHLO: it said {code}
        """
    )


def test_nor_is_it_tried_a_third_time():
    logging_in(
        """
        S: 220 ready
        C: EHLO laptop
        S: 550 No
        C: EHLO [192.0.2.7]
        S: 550 No
        error: the backend refused EHLO: it said 550
        """,
        client=CLIENT,
    )


def test_a_temporary_refusal_is_not_the_names_fault():
    logging_in(
        """
        S: 220 ready
        C: EHLO laptop
        S: 421 4.3.2 Busy
        error: the backend refused EHLO: it said 421
        """,
        client=CLIENT,
    )


def test_what_a_backend_offers_before_a_login_can_be_asked():
    offer = """
        S: 250-mail.internal at your service
        S: 250-PIPELINING
        S: 250-SIZE 10240000
        S: 250-AUTH PLAIN
        S: 250 8bitmime
        C: QUIT
        offers: PIPELINING|SIZE 10240000|AUTH PLAIN|8bitmime
        """
    lines = "\n".join(line.strip() for line in offer.split("\n"))
    play(lambda: smtp.probe(starttls=False), "S: 220 ready\nC: EHLO [127.0.0.1]" + lines, ours="C")
    play(
        lambda: smtp.probe(starttls=True),
        "S: 220 ready\nC: EHLO [127.0.0.1]\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\ntls\nC: EHLO [127.0.0.1]"
        + lines,
        ours="C",
    )


def test_a_backend_that_offers_nothing_can_be_asked_too():
    play(
        lambda: smtp.probe(starttls=False),
        "S: 220\nC: EHLO [127.0.0.1]\nS: 250 mail.internal\nC: QUIT\noffers: nothing",
        ours="C",
    )


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("S: 554 No", "error: the backend didn't greet with 220: it said 554"),
        ("S: 220\nC: EHLO [127.0.0.1]\nS: 502 No", "error: the backend refused EHLO: it said 502"),
        ("S: 220\nC: EHLO [127.0.0.1]\nend", "end of stream"),
    ],
)
def test_one_that_does_not_answer_has_no_offer(said, end):
    play(lambda: smtp.probe(starttls=False), f"{said}\n{end}", ours="C")
