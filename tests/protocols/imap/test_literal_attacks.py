"""Attacks on the front with literals: sizes, payloads, and literals where none belong."""

import pytest

from tests.protocols.imap.fronts import over_tls, with_starttls
from tests.protocols.play import whole


@pytest.mark.parametrize("size", ["4097", "400000000", "2147483648", "9999999999999999999", "9" * 4000])
def test_imap_01_a_literal_bomb_that_waits_is_refused(size):
    over_tls(
        f"""
        C: a LOGIN {{{size}}}
        S: a BAD That is too long: a literal may hold 4096 bytes, a command 65536
        C: b NOOP
        S: b OK Nothing done
        """
    )


@pytest.mark.parametrize("size", ["4097", "400000000", "2147483648", "9999999999999999999", "9" * 4000])
def test_imap_01_a_literal_bomb_that_does_not_wait_ends_the_connection(size):
    over_tls(
        f"""
        C: a LOGIN {{{size}+}}
        S: * BYE Literal too long
        error: literal too long
        """
    )


@pytest.mark.parametrize(
    "broken", ["{-1}", "{}", "{+}", "{5", "{5-}", "{ 5}", "{5+}{5+", "{0x5}", r"{\xd9\xa3}"]
)
def test_imap_01_a_broken_literal_is_bad(broken):
    over_tls(
        f"""
        C: a LOGIN {broken}
        S: a BAD LOGIN takes a user name and a password
        C: b NOOP
        S: b OK Nothing done
        """
    )


def test_imap_01_many_literals_may_not_add_up():
    piece = r"{4096+}\r\n" + "x" * 4096
    over_tls(
        f"""
        C: a ID ({" ".join([piece] * 15)} {{4096}}
        S: a BAD That is too long: a literal may hold 4096 bytes, a command 65536
        """,
        cuts=(whole,),
    )
    over_tls(
        f"""
        C: a ID ({" ".join([piece] * 16)})
        S: * BYE Literal too long
        error: literal too long
        """,
        cuts=(whole,),
    )


def test_imap_02_a_literal_of_4096_bytes_is_taken():
    over_tls(
        rf"""
        C: a LOGIN alice {{4096+}}\r\n{"x" * 4096}
        login alice {"x" * 4096} -> accepted
        S: a OK\x20
        relay
        """
    )


@pytest.mark.parametrize("size", ["4097", "99999999999"])
def test_imap_02_payload_of_a_refused_literal_is_not_run(size):
    over_tls(
        f"""
        C: a LOGIN {{{size}+}}
        C: b LOGOUT
        S: * BYE Literal too long
        error: literal too long
        """
    )


@pytest.mark.parametrize(
    ("beginning", "tag", "complaint"),
    [
        ("a NOOP {", "a", "Unknown command, or arguments that it doesn't take"),
        ("a FROB {", "a", "Unknown command, or arguments that it doesn't take"),
        ("a LOGIN ({", "a", "LOGIN takes a user name and a password"),
        ("a LOGIN alice{", "a", "LOGIN takes a user name and a password"),
        ('a LOGIN "alice"{', "a", "LOGIN takes a user name and a password"),
        ("a LOGIN ~{", "a", "LOGIN takes a user name and a password"),
        ("a {", "*", "A command is a tag, a name and arguments"),
        ("a LOGIN{", "*", "A command is a tag, a name and arguments"),
        ("{", "*", "A command is a tag, a name and arguments"),
        ("a{", "*", "A command is a tag, a name and arguments"),
        (" {", "*", "A command is a tag, a name and arguments"),
    ],
)
def test_imap_02_payload_of_a_literal_in_a_bad_command_is_not_run(beginning, tag, complaint):
    over_tls(
        rf"""
        C: {beginning}10+}}
        C: x LOGOUT
        C:
        C: b NOOP
        S: {tag} BAD {complaint}
        S: b OK Nothing done
        """
    )


def test_imap_02_payload_in_clear_is_not_run_either():
    with_starttls(
        """
        C: a LOGIN {10+}
        C: x STARTTLS
        C: b NOOP
        S: a NO [PRIVACYREQUIRED] Start TLS first, then log in
        S: b OK Nothing done
        """
    )


def test_imap_03_id_with_literals_and_then_login():
    over_tls(
        r"""
        C: A1 ID ("name" {9+}\r\nA2 LOGOUT "version" {11+}\r\nA3 LOGOUT\r\n)
        S: * ID ("name" "Wicketgate")
        S: A1 OK ID completed
        C: A4 LOGIN alice secret
        login alice secret from A2 LOGOUT A3 LOGOUT -> accepted Welcome
        S: A4 OK Welcome
        relay
        """
    )
