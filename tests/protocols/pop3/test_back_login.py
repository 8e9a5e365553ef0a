"""How we log in at a POP3 backend, by what it offers."""

import pytest

from protocols.dialogue import Credentials
from protocols.sasl import encode
from protocols.terms import Client
from tests.protocols.pop3.backs import (
    CLIENT,
    CLIENT_6,
    GREETED,
    LOGIN,
    MASTER,
    logging_in,
    probing,
)

IN = "S: +OK Logged in.\n-> accepted Logged in.\nrelay"


def test_plain_goes_with_its_initial_response():
    logging_in(GREETED + IN)


def test_a_master_user_names_the_user_in_the_authzid():
    logging_in(
        """
        S: +OK ready
        C: CAPA
        S: +OK
        S: SASL PLAIN
        S: .
        C: AUTH PLAIN YWxpY2UAbWFzdGVyAHNlY3JldA==
        """
        + IN,
        MASTER,
    )


@pytest.mark.parametrize("line", ["SASL PLAIN", "sasl plain", "SASL CRAM-MD5 PLAIN", "Sasl LOGIN  Plain"])
def test_the_offer_is_read_whatever_its_case(line):
    logging_in(
        f"S: +OK\nC: CAPA\nS: +OK Capability list follows\nS: TOP\nS: {line}\nS: USER\nS: .\n{LOGIN}\n{IN}"
    )


def test_an_answer_in_small_letters_and_without_a_text_is_understood():
    logging_in(f"S: +ok\nC: CAPA\nS: +ok\nS: SASL PLAIN\nS: .\n{LOGIN}\nS: +ok\n-> accepted\nrelay")


@pytest.mark.parametrize(
    "capabilities",
    [
        "S: -ERR unknown command",
        "S: +OK\nS: .",
        "S: +OK\nS: USER\nS: TOP\nS: .",
        "S: +OK\nS: SASL\nS: USER\nS: .",
        "S: +OK\nS: SASL CRAM-MD5 PLAINX\nS: .",
        "S: +OK\nS: XSASL PLAIN\nS: PLAIN\nS: .",
    ],
)
def test_without_plain_the_login_goes_by_user_and_pass(capabilities):
    logging_in(
        f"""
        S: +OK ready
        C: CAPA
        {capabilities}
        C: USER alice
        S: +OK
        C: PASS secret
        """
        + IN
    )


@pytest.mark.parametrize("capabilities", ["S: -ERR unknown", "S: +OK\nS: SASL LOGIN\nS: USER\nS: ."])
def test_acting_for_another_user_needs_auth_plain(capabilities):
    logging_in(f"S: +OK\nC: CAPA\n{capabilities}\nerror: the backend offers no AUTH PLAIN", MASTER)


def test_there_is_no_login_without_credentials():
    logging_in("error: POP3 has no login without credentials", None)


def test_stls_comes_first_and_the_capabilities_are_asked_inside_tls_only():
    logging_in(
        f"""
        S: +OK ready
        C: STLS
        S: +OK Begin TLS negotiation now.
        tls
        C: CAPA
        S: +OK
        S: SASL PLAIN
        S: .
        {LOGIN}
        {IN}
        """,
        starttls=True,
    )


@pytest.mark.parametrize(
    ("client", "told"),
    [(CLIENT, "ADDR=192.0.2.7 PORT=49152"), (CLIENT_6, "ADDR=2001:db8::7 PORT=49152")],
)
def test_a_dovecot_that_trusts_us_is_told_who_the_client_is_in_one_packet_with_the_question(client, told):
    logging_in(
        f"""
        S: +OK [XCLIENT] Dovecot ready.
        C: XCLIENT {told}
        C: CAPA
        S: +OK Updated
        S: +OK
        S: SASL PLAIN
        S: .
        {LOGIN}
        {IN}
        """,
        client=client,
    )


def test_it_is_told_inside_tls_although_it_said_so_before():
    """Inside TLS there is no second greeting."""
    logging_in(
        f"""
        S: +OK [XCLIENT] Dovecot ready.
        C: STLS
        S: +OK Begin TLS negotiation now.
        tls
        C: XCLIENT ADDR=192.0.2.7 PORT=49152
        C: CAPA
        S: +OK Updated
        S: +OK
        S: SASL PLAIN
        S: .
        {LOGIN}
        {IN}
        """,
        client=CLIENT,
        starttls=True,
    )


@pytest.mark.parametrize("greeting", ["+OK ready", "+OK XCLIENT", "+OK"])
def test_one_that_does_not_is_told_nothing(greeting):
    logging_in(
        f"S: {greeting}\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: XCLIENT\nS: .\n{LOGIN}\n{IN}", client=CLIENT
    )


def test_nor_is_one_that_isnt_to_be_told():
    logging_in(f"S: +OK [XCLIENT] ready\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\n{LOGIN}\n{IN}")


@pytest.mark.parametrize("answer", ["-ERR You are not from trusted IP", "+", "-ERR"])
def test_xclient_that_is_refused_ends_it(answer):
    """To go on would mean that the backend takes all clients for one."""
    logging_in(
        f"""
        S: +OK [XCLIENT] ready
        C: XCLIENT ADDR=192.0.2.7 PORT=49152
        C: CAPA
        S: {answer}
        error: the backend refused XCLIENT
        """,
        client=CLIENT,
    )


def test_pop_03_xclient_has_far_less_than_the_1024_bytes_that_dovecot_takes():
    """Nothing in it comes from the client's own mouth."""
    longest = b"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"
    logging_in(
        f"""
        S: +OK [XCLIENT] ready
        C: XCLIENT ADDR={longest.decode()} PORT=65535
        C: CAPA
        """,
        client=Client(longest, 65535, b"\r\nUSER evil" + b"x" * 2000),
    )


def test_a_response_that_makes_a_line_of_more_than_255_bytes_waits_for_the_challenge():
    """RFC 5034, section 4, and RFC 2449, section 4."""
    head = "S: +OK\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\n"
    # 255 - CRLF - "AUTH PLAIN " leaves room for 240 characters of base64, which are 180 bytes.
    fits, longer = b"x" * (180 - len("\0alice\0")), b"x" * (181 - len("\0alice\0"))
    inline, alone = (encode(b"\0alice\0" + password).decode() for password in (fits, longer))
    assert len(f"AUTH PLAIN {inline}\r\n") == 253
    logging_in(head + f"C: AUTH PLAIN {inline}\n{IN}", Credentials(b"alice", fits))
    logging_in(head + f"C: AUTH PLAIN\nS: +\\x20\nC: {alone}\n{IN}", Credentials(b"alice", longer))


@pytest.mark.parametrize("challenge", ["+", r"+\x20", "+ =", "+ go on"])
def test_the_challenge_is_answered_whatever_it_says(challenge):
    password = b"x" * 300
    response = encode(b"\0alice\0" + password).decode()
    logging_in(
        f"S: +OK\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\nC: AUTH PLAIN\nS: {challenge}\nC: {response}\n{IN}",
        Credentials(b"alice", password),
    )


def test_user_and_pass_go_out_as_they_are():
    credentials = Credentials(b" al%ice ", b' p"w\\ \xff')
    logging_in(
        r"""
        S: +OK
        C: CAPA
        S: -ERR
        C: USER  al%ice\x20
        S: +OK
        C: PASS  p"w\\ \xff
        """
        + IN,
        credentials,
    )


@pytest.mark.parametrize("unfit", [b"\r", b"\n", b"\0", b"\r\nDELE 1"])
@pytest.mark.parametrize("where", ["username", "password"])
def test_sasl_01_what_would_break_the_line_is_not_sent(where, unfit):
    values = {"username": b"alice", "password": b"secret"} | {where: b"a" + unfit + b"b"}
    logging_in(
        """
        S: +OK
        C: CAPA
        S: -ERR
        error: the user name or password doesn't fit on a line
        """,
        Credentials(**values),
    )


def test_sasl_01_in_a_response_it_is_base64():
    message = encode(b"\0alice\0a\r\nDELE 1").decode()
    logging_in(
        f"S: +OK\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\nC: AUTH PLAIN {message}\n{IN}",
        Credentials(b"alice", b"a\r\nDELE 1"),
    )


def test_what_a_backend_offers_before_a_login_can_be_asked():
    offer = """
    C: CAPA
    S: +OK
    S: TOP
    S: EXPIRE NEVER
    S: SASL PLAIN
    S: .
    C: QUIT
    offers: TOP|EXPIRE NEVER|SASL PLAIN
    """
    probing("S: +OK [XCLIENT] ready" + offer)
    probing("S: +OK ready\nC: STLS\nS: +OK go\ntls" + offer, starttls=True)


@pytest.mark.parametrize("answer", ["S: -ERR", "S: +OK\nS: ."])
def test_a_backend_that_offers_nothing_can_be_asked_too(answer):
    probing(f"S: +OK\nC: CAPA\n{answer}\nC: QUIT\noffers: nothing")


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("S: -ERR No", "error: the backend didn't greet with +OK"),
        ("S: hello", "error: the backend sent a line that is no response"),
        ("S: +OK\nC: CAPA\nend", "end of stream"),
        ("S: +OK\nC: CAPA\nS: +OK\nS: TOP\nend", "end of stream"),
    ],
)
def test_one_that_does_not_answer_has_no_offer(said, end):
    probing(f"{said}\n{end}")
