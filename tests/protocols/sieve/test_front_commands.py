"""The commands before the login, and what is offered to whom."""

import pytest

from tests.protocols.sieve.fronts import CLEAR, OFFERED, SECURE, TLS, over_tls, with_starttls, without_tls

EARLY = 'S: NO "Log in first: this command is for after the login"'
UNKNOWN = 'S: NO "Unknown command, or arguments that it doesn\'t take"'
NO_COMMAND = 'S: NO "A command is a name and arguments: strings or atoms"'
LOGIN = """
C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
login alice secret -> accepted Welcome
S: OK "Welcome"
relay
"""


def test_the_greeting_tells_what_the_backend_offers_and_the_ways_to_log_in():
    over_tls("", capabilities=SECURE)


def test_in_clear_it_offers_starttls_and_no_login():
    """RFC 5804, section 1.7."""
    with_starttls("", capabilities=CLEAR)


def test_a_listener_without_tls_offers_the_login_and_no_starttls():
    without_tls("")


@pytest.mark.parametrize("command", ["CAPABILITY", "capability", r"Capability\x20"])
def test_capability_says_the_same_again(command):
    end = 'S: OK "Capability completed."'
    over_tls(f"C: {command}\n{SECURE}{end}")
    with_starttls(f"C: {command}\n{CLEAR}{end}")
    without_tls(f"C: {command}\n{SECURE}{end}")


def test_before_the_backend_was_asked_what_every_server_has_to_say_is_said():
    least = """
    S: "IMPLEMENTATION" "Wicketgate"
    S: "SIEVE" ""
    S: "VERSION" "1.0"
    """
    over_tls("", offered=(), capabilities=least + 'S: "SASL" "PLAIN LOGIN"\n')
    with_starttls("", offered=(), capabilities=least + 'S: "SASL" ""\nS: "STARTTLS"\n')


@pytest.mark.parametrize(
    "line",
    [
        b'"SASL" "CRAM-MD5 GSSAPI"',
        b'"sasl" "PLAIN"',
        b'"SASL"',
        b'"STARTTLS"',
        b'"StartTLS"',
        b'"XCLIENT" "ADDR PORT"',
        b"",
        b'"',
        b'""',
        b"SIEVE",
        b'SIEVE "x"',
        b'"SIEVE" x',
        b'"SIEVE"  "x"',
        b'"SIEVE" "x" "y"',
        b'"SIEVE" "a"b"',
        b'"SIEVE" "a\\b"',
        b'"SIEVE" "a\rOK"',
        b'"SIEVE" "a\r\nOK"',
        b'"SIEVE" "a\0"',
        b'"SIEVE" {3}',
        b'"SI EVE" "x"',
        b'"S\xc3\xaf" "x"',
        b'"' + b"X" * 51 + b'"',
        b'"X" "' + b"y" * 2001 + b'"',
        b'OK "ready"',
    ],
)
def test_what_is_not_for_clients_or_no_capability_is_not_repeated(line):
    first, *others = OFFERED
    over_tls("", offered=(first, line, *others))


def test_all_else_is_repeated_as_the_backend_says_it():
    offered = (
        b'"IMPLEMENTATION" "Cyrus timsieved v3.8.1"',
        b'"SIEVE" "comparator-i;ascii-numeric fileinto \xc3\xa4"',
        b'"notify" "mailto"',
        b'"MAXREDIRECTS" "4"',
        b'"LANGUAGE" "i-default"',
        b'"OWNER" "a\\"b\\\\c"',
        b'"X-EMPTY" ""',
        b'"X-BARE"',
    )
    lines = "\n".join("S: " + line.decode("latin-1").replace("\\", "\\\\") for line in offered)
    over_tls("", offered=offered, capabilities=f'{lines}\nS: "SASL" "PLAIN LOGIN"\n')


@pytest.mark.parametrize("listener", [over_tls, with_starttls, without_tls])
@pytest.mark.parametrize("command", ["LOGOUT", "logout", "LOGOUT now", r"Logout\x20"])
def test_logout_is_answered_and_ends_it(listener, command):
    """RFC 5804, section 2.3."""
    listener(f'C: {command}\nS: OK "Goodbye."\nclosed')


@pytest.mark.parametrize("listener", [over_tls, with_starttls, without_tls])
def test_noop_is_for_everybody_and_gives_its_tag_back(listener):
    """RFC 5804, section 2.13."""
    listener(
        r"""
        C: NOOP
        S: OK "Done."
        C: noop "STARTTLS-SYNC-42"
        S: OK (TAG "STARTTLS-SYNC-42") "Done."
        C: NOOP {16+}
        C: STARTTLS-SYNC-42
        S: OK (TAG "STARTTLS-SYNC-42") "Done."
        C: NOOP "a\\"b\\\\c"
        S: OK (TAG "a\\"b\\\\c") "Done."
        C: NOOP ""
        S: OK (TAG "") "Done."
        """
    )


def test_good_commands_come_together_and_are_answered_in_order():
    over_tls(
        rf"""
        C: NOOP
        C(raw): NOOP "1"\n
        C: CAPABILITY
        C: LOGOUT
        C: NOOP
        S: OK "Done."
        S: OK (TAG "1") "Done."
        {SECURE}
        S: OK "Capability completed."
        S: OK "Goodbye."
        closed
        """
    )


def test_a_client_that_just_leaves_is_the_end_of_the_stream():
    over_tls("end\nend of stream")
    over_tls('C(raw): AUTHENTICATE "PL\nend\nend of stream')
    over_tls('C: AUTHENTICATE "PLAIN"\nS: ""\nend\nend of stream')
    over_tls('C: AUTHENTICATE "PLAIN" {20+}\nC(raw): AGFs\nend\nend of stream')


@pytest.mark.parametrize(
    "command",
    [
        'HAVESPACE "a" 5',
        r'PUTSCRIPT "a" {5+}\r\nkeep;',
        'PUTSCRIPT "a" "keep;"',
        "LISTSCRIPTS",
        "listscripts",
        'SETACTIVE ""',
        'GETSCRIPT "a"',
        'DELETESCRIPT "a"',
        'RENAMESCRIPT "a" "b"',
        'CHECKSCRIPT "keep;"',
    ],
)
def test_a_command_for_later_is_refused_and_the_login_is_still_possible(command):
    over_tls(f"C: {command}\n{EARLY}\nC: {command}\n{EARLY}\n{LOGIN}")
    with_starttls(f"C: {command}\n{EARLY}")


@pytest.mark.parametrize(
    "command",
    [
        "FROB",
        "HELP",
        "UNAUTHENTICATE",
        'XCLIENT "x"',
        "CAPABILITY now",
        "STARTTLS now",
        'STARTTLS ""',
        "NOOP2",
    ],
)
@pytest.mark.parametrize("listener", [over_tls, with_starttls, without_tls])
def test_an_unknown_command_or_argument_is_refused(listener, command):
    listener(f"C: {command}\n{UNKNOWN}")


@pytest.mark.parametrize(
    "line",
    [
        "",
        r"\x20",
        " NOOP",
        '"NOOP"',
        "1NOOP",
        "NOOP;",
        'NOOP"x"',
        'NOOP "x"y',
        'NOOP "x""y"',
        'NOOP "x',
        'NOOP x"',
        r'NOOP "\\x"',
        "NOOP (x)",
        "NOOP {x}",
        "NOOP {5",
        r"NOOP x{2+}\r\nab",
        r'NOOP "{2+}\r\nab',
        r"NOOP \x00",
        r"{4+}\r\nNOOP",
    ],
)
def test_what_is_no_command_is_refused(line):
    over_tls(f'C: {line}\n{NO_COMMAND}\nC: NOOP\nS: OK "Done."')


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ("", "AUTHENTICATE takes a mechanism and, if wanted, a response"),
        (' "PLAIN" "AGFs" "aWNl"', "AUTHENTICATE takes a mechanism and, if wanted, a response"),
        (' ""', "The mechanisms offered are PLAIN and LOGIN"),
        (' "CRAM-MD5"', "The mechanisms offered are PLAIN and LOGIN"),
        (' "PLAI"', "The mechanisms offered are PLAIN and LOGIN"),
        (' "PLAIN "', "The mechanisms offered are PLAIN and LOGIN"),
        (' "PLAIN" "!"', "That is not valid base64"),
        (' "PLAIN" "*"', "The login was cancelled"),
        (' "PLAIN" ""', "That is not a valid response for this mechanism"),
    ],
)
def test_what_a_login_lacks_is_said_and_the_next_may_be_good(arguments, refusal):
    over_tls(f'C: AUTHENTICATE{arguments}\nS: NO "{refusal}"\n{LOGIN}')


def test_bad_commands_are_counted_together_and_the_third_is_the_last():
    over_tls(
        f"""
        C: FROB
        {UNKNOWN}
        C: LISTSCRIPTS
        {EARLY}
        C: NOOP
        S: OK "Done."
        C: AUTHENTICATE "CRAM-MD5"
        S: NO "The mechanisms offered are PLAIN and LOGIN"
        S: BYE "Too many bad commands"
        closed
        """
    )


def test_starttls_inside_tls_and_where_there_is_none_is_refused():
    over_tls('C: STARTTLS\nS: NO "TLS is already on"')
    with_starttls(TLS + 'C: STARTTLS\nS: NO "TLS is already on"')
    without_tls('C: STARTTLS\nS: NO "This listener has no TLS"')
