"""XCLIENT: who the client is, and what strangers can put into it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocols import smtp
from protocols.dialogue import Credentials
from protocols.terms import BackTerms, Client
from tests.protocols.smtp.backs import ALICE, CLIENT, CLIENT_6, LOGIN, NO_SECOND, logging_in
from tests.protocols.talk import line_by_line, talk

POSTFIX = "XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN DESTADDR DESTPORT"
DOVECOT = "XCLIENT ADDR PORT PROTO HELO LOGIN SESSION TTL TIMEOUT FORWARD"
TOLD = "C: XCLIENT NAME=[UNAVAILABLE] REVERSE_NAME=[UNAVAILABLE] ADDR=192.0.2.7 PORT=49152"


def offering(offer: str, name: str = "laptop") -> str:
    return f"""
    S: 220 ready
    C: EHLO {name}
    S: 250-mail.internal
    S: 250-{offer}
    S: 250 AUTH PLAIN
    """


def greeted_anew(name: str = "laptop") -> str:
    return f"""
    S: 220 mail.internal ESMTP
    C: EHLO {name}
    S: 250-mail.internal
    S: 250 AUTH PLAIN
    """


def test_postfix_is_told_all_that_it_understands_and_then_greeted_anew():
    logging_in(
        offering(POSTFIX)
        + TOLD
        + greeted_anew()
        + LOGIN
        + "\nS: 235 2.7.0 in"
        + NO_SECOND
        + "-> accepted 2.7.0 in\nrelay",
        client=CLIENT,
    )


@pytest.mark.parametrize(
    ("offer", "told"),
    [
        (DOVECOT, "ADDR=192.0.2.7 PORT=49152"),
        ("XCLIENT ADDR", "ADDR=192.0.2.7"),
        ("xclient addr name", "NAME=[UNAVAILABLE] ADDR=192.0.2.7"),
        ("XCLIENT LOGIN ADDR", "ADDR=192.0.2.7"),
        ("XCLIENT ADDRESS PORT", "PORT=49152"),
    ],
)
def test_no_attribute_is_sent_that_is_not_offered(offer, told):
    """And no LOGIN beside credentials: it would be a login of its own."""
    logging_in(offering(offer) + f"C: XCLIENT {told}" + greeted_anew() + LOGIN, client=CLIENT)


@pytest.mark.parametrize(
    "offer", ["XCLIENT", "XCLIENT PROTO HELO", "XCLIENTS ADDR", "XFORWARD ADDR", "SIZE 1"]
)
def test_a_backend_that_takes_nothing_of_what_we_know_is_told_nothing(offer):
    logging_in(offering(offer) + LOGIN, client=CLIENT)


def test_nothing_is_told_where_nothing_is_to_be_told():
    logging_in(offering(POSTFIX, "[127.0.0.1]") + LOGIN)


def test_an_address_of_ipv6_has_its_prefix():
    logging_in(
        offering("XCLIENT ADDR PORT")
        + "C: XCLIENT ADDR=IPV6:2001:db8::7 PORT=49152"
        + greeted_anew()
        + LOGIN,
        client=CLIENT_6,
    )


def test_after_xclient_the_extensions_are_those_for_the_client():
    logging_in(
        offering(POSTFIX)
        + TOLD
        + """
        S: 220 mail.internal ESMTP
        C: EHLO laptop
        S: 250-mail.internal
        S: 250 SIZE
        error: the backend offers no AUTH PLAIN
        """,
        client=CLIENT,
    )


@pytest.mark.parametrize("code", ["501", "550", "421", "250", "554"])
def test_a_backend_that_refuses_xclient_or_the_client_ends_it(code):
    logging_in(
        offering(POSTFIX) + TOLD + f"\nS: {code} No\nerror: the backend refused XCLIENT: it said {code}",
        client=CLIENT,
    )


def test_a_client_that_is_refused_at_its_ehlo_after_xclient_goes_by_its_address():
    logging_in(
        offering(POSTFIX)
        + TOLD
        + """
        S: 220 mail.internal ESMTP
        C: EHLO laptop
        S: 504 5.5.2 need fully-qualified hostname
        C: EHLO [192.0.2.7]
        S: 250-mail.internal
        S: 250 AUTH PLAIN
        """
        + LOGIN,
        client=CLIENT,
    )


# A login by XCLIENT alone


@pytest.mark.parametrize(
    ("login", "written"),
    [
        (b"alice", "alice"),
        (b"alice@example.test", "alice@example.test"),
        (b"a b", "a+20b"),
        (b"a+b=c", "a+2Bb+3Dc"),
        (b"al\r\nMAIL FROM:<x>", "al+0D+0AMAIL+20FROM:<x>"),
        (b"al\0\x7f", "al+00+7F"),
        ("alïce".encode(), "al+C3+AFce"),
        (b"CORP\\alice", r"CORP\\alice"),
        (b"[UNAVAILABLE]x", "[UNAVAILABLE]x"),
    ],
)
def test_smtp_04_without_credentials_login_names_the_user_in_xtext(login, written):
    logging_in(
        offering("XCLIENT ADDR LOGIN")
        + f"C: XCLIENT ADDR=192.0.2.7 LOGIN={written}"
        + greeted_anew()
        + NO_SECOND
        + "-> accepted\nrelay",
        credentials=None,
        login=login,
        client=CLIENT,
    )


@pytest.mark.parametrize(
    "offer", ["XCLIENT", "XCLIENT ADDR PORT", "XCLIENTLOGIN", "AUTH LOGIN", "XFORWARD LOGIN"]
)
def test_without_credentials_xclient_with_login_is_needed(offer):
    logging_in(
        offering(offer) + "error: the backend offers no XCLIENT with LOGIN", credentials=None, client=CLIENT
    )


def test_without_credentials_and_without_a_client_there_is_no_login():
    logging_in(
        offering(POSTFIX, "[127.0.0.1]")
        + "error: without credentials the backend has to be told who the client is",
        credentials=None,
    )


def test_a_login_that_xclient_did_not_do_is_found_by_the_second_one():
    """Postfix takes LOGIN=[UNAVAILABLE] for nobody, and would then let anybody log in."""
    logging_in(
        offering("XCLIENT ADDR LOGIN")
        + "C: XCLIENT ADDR=192.0.2.7 LOGIN=[UNAVAILABLE]"
        + greeted_anew()
        + r"""
        C: AUTH PLAIN
        S: 334\x20
        C: *
        S: 501 5.7.0 Authentication aborted
        error: the backend would take a second AUTH from this user; forbid it there, or list AUTH in \
trusted_commands
        """.replace("\\\n", ""),
        credentials=None,
        login=b"[UNAVAILABLE]",
        client=CLIENT,
    )


# What the client calls itself


@pytest.mark.parametrize(
    "name",
    [
        "laptop",
        "XC-B8C463",
        "Pawan_Dev.vxcountry.example",
        "192.0.2.9",
        "[192.0.2.9]",
        "[IPv6:2001:db8::9]",
        "[IPV6:::1]",
        "x" * 255,
    ],
)
def test_a_name_that_is_one_is_passed_on(name):
    logging_in(f"S: 220\nC: EHLO {name}", client=Client(b"192.0.2.7", 49152, name.encode()))


@pytest.mark.parametrize(
    "name",
    [
        b"",
        b" ",
        b"a b",
        b"laptop\r\nMAIL FROM:<x>",
        b"laptop\n",
        b"laptop\r",
        b"\0",
        b"a=b",
        b"a+b",
        b"a[b",
        b"[",
        b"[]",
        b"[laptop]",
        b"[192.0.2.9",
        b"[192.0.2.9] x",
        b"[IPv6:2001:db8::9]]",
        b"[IPv6:laptop]",
        b"b\xc3\xbcro",
        b"b\xfcro",
        b"-a",
        b"a-",
        b".a",
        b"a.",
        b"<script>",
        b"x" * 256,
        b"x" * 12000,
    ],
)
def test_smtp_04_another_name_is_replaced_by_the_clients_address(name):
    logging_in("S: 220\nC: EHLO [192.0.2.7]", client=Client(b"192.0.2.7", 49152, name))
    logging_in("S: 220\nC: EHLO [IPV6:2001:db8::7]", client=Client(b"2001:db8::7", 49152, name))


@given(st.binary(max_size=80), st.binary(min_size=1, max_size=80))
@example(b"laptop\n", b"a\nb")
@example(b"[1.2.3.4]\n", b"+=[ \x7f")
def test_smtp_04_whatever_strangers_say_stays_one_word_of_one_line(name, login):
    backend = b"220 ready\r\n250-x\r\n250 XCLIENT ADDR LOGIN\r\n220 ready\r\n250 x\r\n"
    terms = BackTerms(None, login, client=Client(b"192.0.2.7", 49152, name))
    ended = talk(smtp.back(terms), [backend], turns=line_by_line)
    ehlo, told, again, rest = ended.sent.split(b"\r\n")
    assert ehlo == again
    assert (len(ehlo.split()), rest) == (2, b"")
    command, address, value = told.split(b" ")
    assert (command, address) == (b"XCLIENT", b"ADDR=192.0.2.7")
    assert value.startswith(b"LOGIN=")
    assert all(0x21 <= byte <= 0x7E for byte in ehlo[5:] + value)
    assert unquoted(value[6:]) == login


def unquoted(xtext: bytes) -> bytes:
    """RFC 3461, section 4."""
    first, *quoted = xtext.split(b"+")
    assert b"=" not in xtext
    return first + b"".join(bytes.fromhex(part[:2].decode()) + part[2:] for part in quoted)


def test_credentials_are_never_told_by_xclient():
    backend = b"220 ready\r\n250-x\r\n250-AUTH PLAIN\r\n250 " + POSTFIX.encode() + b"\r\n220 x\r\n"
    terms = BackTerms(Credentials(b"master", b"secret", b"alice"), b"alice", client=CLIENT)
    told = talk(smtp.back(terms), [backend], turns=line_by_line).sent.split(b"\r\n")[1]
    assert told == TOLD.removeprefix("C: ").encode()
    assert ALICE.username not in told
