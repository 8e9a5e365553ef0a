"""What a client may say before it logs in."""

import pytest

from tests.protocols.imap.fronts import over_tls, with_starttls, without_tls


def test_capabilities_are_told_in_the_greeting_and_again_on_request():
    over_tls(
        """
        C: a1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
        S: a1 OK Capability completed
        """
    )


def test_a_listener_without_tls_offers_what_one_with_tls_does():
    without_tls(
        """
        C: a1 capability
        S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
        S: a1 OK Capability completed
        C: a2 LOGIN alice secret
        login alice secret -> accepted Welcome
        S: a2 OK Welcome
        relay
        """
    )


def test_commands_that_change_nothing_may_be_said_for_ever():
    over_tls(
        """
        C: a1 NOOP
        S: a1 OK Nothing done
        C: a2 noop
        S: a2 OK Nothing done
        C: a3 NoOp
        S: a3 OK Nothing done
        C: a4 NOOP
        S: a4 OK Nothing done
        """
    )


def test_pipelined_commands_are_answered_in_order():
    over_tls(
        """
        C: a1 NOOP
        C: a2 CAPABILITY
        C: a3 NOOP
        S: a1 OK Nothing done
        S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
        S: a2 OK Capability completed
        S: a3 OK Nothing done
        """
    )


def test_logout_says_goodbye_and_what_comes_behind_it_is_not_run():
    over_tls(
        """
        C: a1 LOGOUT
        C: a2 NOOP
        S: * BYE Logging out
        S: a1 OK Logged out
        closed
        """
    )


@pytest.mark.parametrize("before", ["", "C(raw): a1 NO"])
def test_a_client_that_just_leaves_is_the_end_of_the_stream(before):
    over_tls(
        f"""
        {before}
        end
        end of stream
        """
    )


def test_lines_may_end_with_a_bare_lf():
    over_tls(
        r"""
        C(raw): a1 NOOP\na2 NOOP\r\n
        S: a1 OK Nothing done
        S: a2 OK Nothing done
        """
    )


@pytest.mark.parametrize("command", ["NOOP {3+}\\r\\nabc", "CAPABILITY now", "FROB", "SELECT INBOX", "IDLE"])
def test_an_unknown_command_or_argument_is_bad(command):
    complaint = "Unknown command, or arguments that it doesn't take"
    if command in ("FROB", "IDLE"):
        complaint = "Log in first: this command is unknown before the login"
    over_tls(
        f"""
        C: a1 {command}
        S: a1 BAD {complaint}
        C: a2 NOOP
        S: a2 OK Nothing done
        """
    )


@pytest.mark.parametrize("line", ["", " ", "a1", "a1 ", " NOOP", "a1  NOOP"])
def test_a_line_without_tag_and_name_is_bad(line):
    over_tls(
        f"""
        C: {line}
        S: * BAD A command is a tag, a name and arguments
        """
    )


# ID (RFC 2971)


@pytest.mark.parametrize(
    "arguments", ["NIL", "nil", "()", "(NIL NIL)", '("os" NIL)', '("name" "")', ' ("a" "b") ']
)
def test_id_that_says_nothing_is_answered_all_the_same(arguments):
    over_tls(
        f"""
        C: a1 ID {arguments}
        S: * ID ("name" "Wicketgate")
        S: a1 OK ID completed
        C: a2 LOGIN alice secret
        login alice secret -> accepted
        S: a2 OK\x20
        relay
        """
    )


def test_id_tells_name_and_version_of_the_client_to_the_login():
    over_tls(
        r"""
        C: a1 ID ("version" "140.0" "NAME" "Thunder \\"bird\\"" "vendor" "Mozilla")
        S: * ID ("name" "Wicketgate")
        S: a1 OK ID completed
        C: a2 LOGIN alice secret
        login alice secret from Thunder "bird" 140.0 -> accepted
        S: a2 OK\x20
        relay
        """
    )


def test_a_second_id_replaces_the_first():
    over_tls(
        """
        C: a1 ID ("name" "one" "version" "1")
        C: a2 ID ("name" "two")
        S: * ID ("name" "Wicketgate")
        S: a1 OK ID completed
        S: * ID ("name" "Wicketgate")
        S: a2 OK ID completed
        C: a3 LOGIN alice secret
        login alice secret from two -> accepted
        S: a3 OK\x20
        relay
        """
    )


def pairs(count):
    return " ".join(f'"k{number}" "v{number}"' for number in range(count))


def test_id_may_have_thirty_pairs():
    over_tls(
        f"""
        C: a1 ID ({pairs(30)})
        S: * ID ("name" "Wicketgate")
        S: a1 OK ID completed
        """
    )


@pytest.mark.parametrize(
    "arguments",
    [
        f"({pairs(31)})",
        '("name")',
        '("name" "x"',
        '"name" "x")',
        "",
        "NILL",
        "(name x)",
        '("name" ("x"))',
        '("name" "x\\\\y")',
        '("name" {1}x)',
    ],
)
def test_any_other_id_is_bad(arguments):
    over_tls(
        f"""
        C: a1 ID {arguments}
        S: a1 BAD ID takes NIL or a list such as ("name" "x" "version" "1")
        """
    )


# STARTTLS


def test_starttls_then_login():
    with_starttls(
        """
        C: a1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 LITERAL- ID STARTTLS LOGINDISABLED
        S: a1 OK Capability completed
        C: a2 STARTTLS
        S: a2 OK Begin TLS negotiation now
        tls
        C: a3 CAPABILITY
        S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
        S: a3 OK Capability completed
        C: a4 LOGIN alice secret
        login alice secret -> accepted Welcome
        S: a4 OK Welcome
        relay
        """
    )


def test_starttls_inside_tls_is_bad_and_the_login_works_after_it():
    with_starttls(
        """
        C: a1 STARTTLS
        S: a1 OK Begin TLS negotiation now
        tls
        C: a2 STARTTLS
        S: a2 BAD TLS is already on
        C: a3 LOGIN alice secret
        login alice secret -> accepted Welcome
        S: a3 OK Welcome
        relay
        """
    )


def test_starttls_where_tls_comes_first_is_bad():
    over_tls(
        """
        C: a1 STARTTLS
        S: a1 BAD TLS is already on
        """
    )


def test_starttls_where_there_is_none_is_bad():
    without_tls(
        """
        C: a1 STARTTLS
        S: a1 BAD This listener has no TLS
        """
    )


def test_starttls_takes_no_argument():
    with_starttls(
        """
        C: a1 STARTTLS now
        S: a1 BAD Unknown command, or arguments that it doesn't take
        """
    )
