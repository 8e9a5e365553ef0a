"""`wicketgate explain`: what a help desk reads for each state that a user can be in."""

import re
from datetime import UTC, datetime

import pytest

from tests.gateway.people import People

FRITZ = "fritz@example.test"
MAIN = "the main password, or a wrong one"
PASSED = ("passed through", "the backend judges the main password")
UNREGISTERED = ("passed through", "not registered yet")
REQUIRED = ("refused", "two-step verification is enforced and no app password matched")
BLOCKED = ("refused", "the user is blocked")
NOT_HERE = "no such user, and unknown users do not pass in this domain (policy.unknown_domains)"
ADMITTED = ("admitted", "it is live and in scope")


def decisions(shell, *more, login=FRITZ):
    """What is presented, without ids of app passwords, and the decision and its reason."""
    rows = shell("explain", login, "--protocol", "imap", *more, "--json").json
    assert all(row.keys() == {"presents", "decision", "why"} for row in rows)
    return {re.sub(r" \(\w{8}\)$", "", row["presents"]): (row["decision"], row["why"]) for row in rows}


@pytest.mark.parametrize(
    ("words", "introduction", "main"),
    [
        (("disabled",), "MFA disabled", PASSED),
        (("enabled",), "MFA enabled", UNREGISTERED),
        (("enabled", "--grace-until", "2099-01-31"), "MFA enabled until 2099-01-31 00:00 UTC", UNREGISTERED),
        (("enforced",), "MFA enforced", REQUIRED),
    ],
    ids=["disabled", "enabled", "in-grace", "enforced"],
)
def test_each_mfa_state(shell, words, introduction, main):
    shell.add(FRITZ)
    id = shell.give(FRITZ, "Outlook 2010")
    shell("user", "set-mfa", FRITZ, *words)
    said = shell("explain", FRITZ, "--protocol", "imap", "--ip", "198.51.100.7").out
    assert said.splitlines()[:2] == [f"{FRITZ}: {introduction}. Login over imap from 198.51.100.7:", ""]
    table = [re.split(" {2,}", line) for line in said.splitlines()[2:]]
    assert table == [
        ["PRESENTS", "DECISION", "WHY"],
        [MAIN, *main],
        [f'app password "Outlook 2010" ({id})', *ADMITTED],
    ]


def test_each_state_of_an_app_password(shell):
    shell.add(FRITZ, "--mfa", "enforced")
    shell("app-password", "delete", FRITZ, shell.give(FRITZ, "deleted"))
    shell.give(FRITZ, "for mail", "--protocol", "imap", "--expires", "1d")
    shell.give(FRITZ, "for sending", "--protocol", "smtp")
    shell.give(FRITZ, "at home", "--network", "192.0.2.0/24", "--network", "2001:db8::/32")
    elsewhere = {
        MAIN: REQUIRED,
        'app password "deleted"': ("refused", "this app password was deleted"),
        'app password "for mail"': ADMITTED,
        'app password "for sending"': ("refused", "this app password is not for this protocol"),
        'app password "at home"': ("refused", "this app password is not for this network"),
    }
    assert decisions(shell, "--ip", "198.51.100.7") == elsewhere
    at_home = elsewhere | {'app password "at home"': ADMITTED}
    assert decisions(shell, "--ip", "192.0.2.99") == decisions(shell, "--ip", "2001:db8::1") == at_home


def test_what_is_over(shell):
    people = People(shell.folder)
    try:
        people.add(FRITZ, "enabled", grace_until=datetime(2026, 1, 31, 12, tzinfo=UTC))
        people.give(FRITZ, "expired", expired=True)
    finally:
        people.close()
    said = shell("explain", FRITZ, "--protocol", "imap").out
    assert said.startswith(f"{FRITZ}: MFA enabled until 2026-01-31 12:00 UTC. Login over imap from ")
    expired = {'app password "expired"': ("refused", "this app password has expired")}
    assert decisions(shell) == {MAIN: REQUIRED} | expired


def test_a_blocked_user(shell):
    shell.add(FRITZ, "--mfa", "enabled")
    shell.give(FRITZ, "x")
    shell("user", "block", FRITZ)
    said = shell("explain", FRITZ, "--protocol", "imap").out
    assert said.startswith(f"{FRITZ}: MFA enabled, blocked. Login over imap from ")
    assert decisions(shell) == {MAIN: BLOCKED, 'app password "x"': BLOCKED}


def test_an_alias_is_told_by_the_name_of_its_user(shell):
    shell.add(FRITZ, "--alias", "f@example.test")
    said = shell("explain", "F@example.test", "--protocol", "imap").out
    assert said.startswith(f"f@example.test is {FRITZ}. {FRITZ}: MFA disabled. Login over imap from ")


@pytest.mark.parametrize(
    ("policy", "decision"),
    [
        ("", ("refused", "no such user")),
        ('unknown_users = "pass"\nunknown_domains = ["example.test"]', ("passed through", "unknown user")),
        ('unknown_users = "pass"\nunknown_domains = ["elsewhere.test"]', ("refused", NOT_HERE)),
    ],
)
def test_somebody_unknown(shell, policy, decision):
    shell.configure(f"[policy]\n{policy}\n")
    said = shell("explain", "nobody@example.test", "--protocol", "imap").out
    assert said.startswith("nobody@example.test is not a user. Login over imap from ")
    assert decisions(shell, login="nobody@example.test") == {MAIN: decision}


def test_somebody_unknown_whose_name_looks_like_a_known_one(shell):
    shell.configure('[policy]\nunknown_users = "pass"\nunknown_domains = ["example.test"]\n')
    shell.add(FRITZ)
    [(decision, why)] = decisions(shell, login="f.ritz+x@example.test").values()
    assert (decision, why[:65]) == (
        "refused",
        "no such user, and the backend may take the name for that of a kno",
    )


@pytest.mark.parametrize(
    ("policy", "main", "app_password"),
    [
        ('protocols_off = ["imap"]', *[("refused", "this protocol is switched off for the user")] * 2),
        ('app_passwords = "denied"', REQUIRED, ("refused", "app passwords are switched off for the user")),
        ('app_passwords = "no-new"', REQUIRED, ADMITTED),
        ("observe = true", ("passed through", "observed: would be refused"), ADMITTED),
        ('trusted_networks = ["10.0.0.0/8"]', REQUIRED, ADMITTED),  # it has an app password
    ],
)
def test_policies(shell, policy, main, app_password):
    shell.add(FRITZ, "--mfa", "enforced")
    shell.give(FRITZ, "x")
    shell.configure(f"[policy]\n{policy}\n")
    assert decisions(shell, "--ip", "10.1.2.3") == {MAIN: main, 'app password "x"': app_password}


def test_a_trusted_network_counts_as_long_as_there_is_no_app_password(shell):
    shell.add(FRITZ, "--mfa", "enforced")
    shell.configure('[policy]\ntrusted_networks = ["10.0.0.0/8"]\n')
    assert decisions(shell, "--ip", "10.1.2.3") == {MAIN: ("passed through", "trusted network")}
    assert decisions(shell, "--ip", "11.1.2.3") == {MAIN: REQUIRED}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("--protocol", "http"),
            "Invalid value for '--protocol': 'http' is not one of 'imap', 'pop3', 'smtp', 'sieve', 'ldap'.",
        ),
        (
            ("--protocol", "imap", "--ip", "300.1.2.3"),
            "Invalid value for '--ip': \"300.1.2.3\" is not an IP address; "
            "write it as in 192.0.2.7 or 2001:db8::7.",
        ),
    ],
)
def test_misuse(shell, words, sentence):
    assert shell.misused("explain", FRITZ, *words) == sentence


def test_a_protocol_is_needed(shell):
    assert shell.misused("explain", FRITZ).startswith("Missing option '--protocol'. Choose from:")
