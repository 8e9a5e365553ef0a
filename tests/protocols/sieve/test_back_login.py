"""How we log in at a ManageSieve backend, by what it offers."""

import pytest

from protocols.dialogue import Credentials
from protocols.sasl import encode
from tests.protocols.sieve.backs import (
    CLIENT,
    CLIENT_6,
    GREETED,
    LOGIN,
    MASTER,
    OFFER,
    logging_in,
    probing,
)

IN = 'S: OK "Logged in."\n-> accepted Logged in.\nrelay'
XCLIENT = 'S: "SASL" "PLAIN"\nS: "XCLIENT" "ADDR PORT"\nS: OK "ready"\n'


def test_plain_goes_with_its_initial_response_and_waits_for_no_capabilities():
    logging_in(GREETED + IN)


def test_a_master_user_names_the_user_in_the_authzid():
    logging_in(f'{OFFER}C: AUTHENTICATE "PLAIN" "YWxpY2UAbWFzdGVyAHNlY3JldA=="\n{IN}', MASTER)


@pytest.mark.parametrize(
    "line",
    [
        '"SASL" "PLAIN"',
        '"sasl" "plain"',
        '"SASL" "CRAM-MD5 LOGIN PLAIN"',
        r'"SASL" {5}\r\nPLAIN',
        r"{4}\r\nSASL {5}\r\nPLAIN",
    ],
)
def test_the_offer_is_read_whatever_its_case_and_the_way_it_is_written(line):
    first = 'S: "VERSION" "1.0"\n'
    if not line.startswith('"'):
        first = ""
    logging_in(f'{first}S: {line}\nS: "X-BARE"\nS: OK "ready"\n{LOGIN}\n{IN}')


@pytest.mark.parametrize(
    "greeting", ["OK", "ok", 'OK "ready"', 'OK (X-CODE "y") "ready"', r"OK {5}\r\nready", 'OK ""']
)
def test_a_greeting_may_end_in_many_ways(greeting):
    logging_in(f'S: "SASL" "PLAIN"\nS: {greeting}\n{LOGIN}\n{IN}')


@pytest.mark.parametrize(
    "offer",
    [
        "",
        'S: "SIEVE" "fileinto"\n',
        'S: "SASL" ""\n',
        'S: "SASL"\n',
        'S: "SASL" "LOGIN CRAM-MD5 XPLAIN"\n',
        'S: "SASL" PLAIN\n',
        'S: "XSASL" "PLAIN"\n',
        'S: "SASL PLAIN"\n',
    ],
)
def test_no_mechanism_is_tried_that_is_not_offered(offer):
    """Such as before STARTTLS, where a backend wants it."""
    logging_in(f'{offer}S: OK "ready"\nerror: the backend offers no PLAIN')


def test_there_is_no_login_without_credentials():
    logging_in("error: ManageSieve has no login without credentials", None)


def test_starttls_and_the_capabilities_that_come_unasked_behind_it():
    logging_in(
        f"""
        S: "SASL" ""
        S: "STARTTLS"
        S: OK "ready"
        C: STARTTLS
        S: OK "Begin TLS negotiation now."
        tls
        S: "SASL" "PLAIN"
        S: OK "TLS negotiation successful."
        {LOGIN}
        {IN}
        """,
        starttls=True,
    )


@pytest.mark.parametrize(
    ("client", "told"),
    [(CLIENT, "ADDR=192.0.2.7 PORT=49152"), (CLIENT_6, "ADDR=2001:db8::7 PORT=49152")],
)
def test_a_dovecot_that_trusts_us_is_told_who_the_client_is(client, told):
    logging_in(f'{XCLIENT}C: XCLIENT {told}\nS: OK "Updated"\n{LOGIN}\n{IN}', client=client)


def test_it_is_told_inside_tls_if_it_says_so_there():
    logging_in(
        f"""
        S: "STARTTLS"
        S: OK "ready"
        C: STARTTLS
        S: OK "go"
        tls
        {XCLIENT}
        C: XCLIENT ADDR=192.0.2.7 PORT=49152
        S: OK "Updated"
        {LOGIN}
        {IN}
        """,
        client=CLIENT,
        starttls=True,
    )


def test_one_that_does_not_is_told_nothing():
    logging_in(GREETED + IN, client=CLIENT)


def test_nor_is_one_that_isnt_to_be_told():
    logging_in(f"{XCLIENT}{LOGIN}\n{IN}")


@pytest.mark.parametrize(
    "answer", ['NO "You are not from trusted IP"', "NO", 'BYE "Go"', 'NO (TRYLATER) "x"']
)
def test_xclient_that_is_refused_ends_it(answer):
    """To go on would mean that the backend takes all clients for one."""
    logging_in(
        f"{XCLIENT}C: XCLIENT ADDR=192.0.2.7 PORT=49152\nS: {answer}\nerror: the backend refused XCLIENT",
        client=CLIENT,
    )


def test_a_response_of_more_than_1024_bytes_goes_as_a_literal():
    """RFC 5804, section 4: a quoted string holds no more. The plus says that nobody has to wait."""
    fits, longer = b"x" * (768 - len("\0alice\0")), b"x" * (769 - len("\0alice\0"))
    quoted, literal = (encode(b"\0alice\0" + password).decode() for password in (fits, longer))
    assert (len(quoted), len(literal)) == (1024, 1028)
    logging_in(f'{OFFER}C: AUTHENTICATE "PLAIN" "{quoted}"\n{IN}', Credentials(b"alice", fits))
    logging_in(f'{OFFER}C: AUTHENTICATE "PLAIN" {{1028+}}\nC: {literal}\n{IN}', Credentials(b"alice", longer))


def test_sasl_01_what_would_break_a_line_is_base64():
    message = encode(b"\0al\r\nice\0a\r\nLOGOUT").decode()
    logging_in(f'{OFFER}C: AUTHENTICATE "PLAIN" "{message}"\n{IN}', Credentials(b"al\r\nice", b"a\r\nLOGOUT"))


def test_what_a_backend_offers_before_a_login_can_be_asked():
    offer = r"""
    S: "IMPLEMENTATION" "Dovecot Pigeonhole"
    S: "SIEVE" {15}
    S: fileinto reject
    S: "OWNER" "a\\"b"
    S: "STARTTLS"
    S: OK "ready"
    """
    learned = r"""
    C: LOGOUT
    offers: "IMPLEMENTATION" "Dovecot Pigeonhole"|"SIEVE" "fileinto reject"|"OWNER" "a\\"b"|"STARTTLS"
    """
    probing(offer + learned)
    probing(f'S: "SASL" ""\nS: OK\nC: STARTTLS\nS: OK "go"\ntls\n{offer}{learned}', starttls=True)


def test_a_backend_that_offers_nothing_can_be_asked_too():
    probing('S: OK "ready"\nC: LOGOUT\noffers: nothing')


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ('S: NO "No"', "error: the backend didn't greet with OK"),
        ('S: BYE "No"', "error: the backend didn't greet with OK"),
        ("S: hello", "error: the backend sent a line that is no response"),
        ('S: "SASL" "PLAIN"\nend', "end of stream"),
    ],
)
def test_one_that_does_not_answer_has_no_offer(said, end):
    probing(f"{said}\n{end}")
