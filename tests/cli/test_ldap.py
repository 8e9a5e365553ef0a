"""`wicketgate explain` and `config clients`, where the gateway stands in front of a directory."""

import pytest

FRITZ = "fritz@example.test"
CLIENTS = """
[tls]
certificate = "certificate.pem"
key = "key.pem"
[public]
host = "mail.example.org"
[[listener]]
protocol = "ldap"
address = "[::]:389"
tls = "starttls"
[[listener]]
protocol = "ldap"
address = "[::]:636"
tls = "implicit"
[[listener]]
protocol = "ldap"
address = "127.0.0.1:1389"
tls = "none"
[[backend]]
protocol = "ldap"
address = "ldap.internal:389"
tls = "starttls"
login = "service"
service_dn = "cn=wicketgate,dc=example,dc=test"
service_password_file = "service-password"
"""


@pytest.mark.parametrize(
    ("mfa", "main"),
    [
        ("disabled", ("passed through", "the backend judges the main password")),
        ("enabled", ("passed through", "not registered yet")),
        ("enforced", ("refused", "two-step verification is enforced and no app password matched")),
    ],
)
def test_a_login_over_ldap_is_explained(shell, mfa, main):
    shell.add(FRITZ, "--mfa", mfa, "--dn", "uid=fritz,ou=people,dc=example,dc=test")
    shell.give(FRITZ, "for the address book", "--protocol", "ldap")
    shell.give(FRITZ, "for mail", "--protocol", "imap")
    rows = shell("explain", FRITZ, "--protocol", "ldap", "--json").json
    told = {
        row["presents"].rpartition(" (")[0] or row["presents"]: (row["decision"], row["why"]) for row in rows
    }
    assert told == {
        "the main password, or a wrong one": main,
        'app password "for the address book"': ("admitted", "it is live and in scope"),
        'app password "for mail"': ("refused", "this app password is not for this protocol"),
    }
    said = shell("explain", FRITZ, "--protocol", "ldap", "--ip", "198.51.100.7").out
    assert said.startswith(f"{FRITZ}: MFA {mfa}. Login over ldap from 198.51.100.7:\n")


def test_ldap_that_is_switched_off_is_explained(shell):
    shell.add(FRITZ)
    shell.configure('[policy]\nprotocols_off = ["ldap"]\n')
    [row] = shell("explain", FRITZ, "--protocol", "ldap", "--json").json
    assert (row["decision"], row["why"]) == ("refused", "this protocol is switched off for the user")
    [row] = shell("explain", FRITZ, "--protocol", "imap", "--json").json
    assert row["decision"] == "passed through"


def test_what_users_enter_into_an_address_book_is_told(bare):
    bare.configure(CLIENTS)
    assert bare("config", "clients", "--json").json == [
        {"protocol": "ldap", "host": "mail.example.org", "port": 636, "security": "tls"},
        {"protocol": "ldap", "host": "mail.example.org", "port": 389, "security": "starttls"},
    ]
