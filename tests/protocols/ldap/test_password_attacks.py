"""Attacks on the main password by somebody who has an app password: it doesn't show the second factor."""

import pytest

from config.sections.backend import PASSWORD_ATTRIBUTES
from protocols import ldap
from protocols.dialogue import LoginResult, Outcome
from protocols.terms import FrontTerms
from tests.protocols.ldap.fronts import ADMITTED, PASSED_THROUGH, in_service_mode, over_tls
from tests.protocols.ldap.notation import message
from tests.protocols.talk import talk

NO_PASSWORD = '53 "With an app password, no password can be written"'
BY_NAME = '53 "With an app password, attributes are written by name, not by OID"'
NAMES = ["userPassword", "USERPASSWORD", "userpassword;lang-en", "userPassword;x;y", r"\x20userPassword\x20"]
NUMBERS = ["2.5.4.35", "2.5.4.35;lang-en", "OID.2.5.4.35", "oid.2.5.4.35", r"\x202.5.4.35"]
CHANGES = ["add", "delete", "replace"]
ADMITTING = LoginResult(Outcome.ACCEPTED, b"", delegated=b"u:fritz")


def is_refused(operation, kind, refusal, **terms):
    over_tls(f"{ADMITTED}\nC: {operation}\nS: {kind} 2 {refusal}", **terms)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("change", CHANGES)
def test_ldap_09_no_password_is_modified(change, name):
    modify = f'modify 2 uid=fritz,dc=test "{change}:{name}=x"'
    is_refused(modify, "modify-response", NO_PASSWORD)
    is_refused(modify, "modify-response", NO_PASSWORD, **in_service_mode("modify"))


@pytest.mark.parametrize("others", ["replace:mail=x {} replace:cn=y", "{} replace:cn=y", "replace:cn=y {}"])
def test_ldap_09_wherever_it_stands_among_other_changes(others):
    change = others.format("replace:userPassword=x")
    is_refused(f"modify 2 uid=fritz,dc=test {change}", "modify-response", NO_PASSWORD)


@pytest.mark.parametrize("number", NUMBERS)
def test_ldap_09_nor_by_the_number_of_its_attribute(number):
    is_refused(f'modify 2 uid=fritz,dc=test "replace:{number}=x"', "modify-response", BY_NAME)
    is_refused(f'add 2 uid=new,dc=test uid=new "{number}=x"', "add-response", BY_NAME)


@pytest.mark.parametrize("name", NAMES)
def test_ldap_09_no_entry_is_added_with_one(name):
    is_refused(f'add 2 uid=new,dc=test uid=new "{name}=x" cn=new', "add-response", NO_PASSWORD)


@pytest.mark.parametrize(
    ("rdn", "refusal"),
    [
        ("userPassword=x", NO_PASSWORD),
        ("uid=fritz+userPassword=x", NO_PASSWORD),
        ("USERPASSWORD=x+uid=fritz", NO_PASSWORD),
        ("uid=fritz \\\\+ +  userPassword  =x", NO_PASSWORD),
        ("2.5.4.35=x", BY_NAME),
        ("uid=fritz+2.5.4.35=#040178", BY_NAME),
        ("uid=fritz + OID.2.5.4.35 = x", BY_NAME),
    ],
)
def test_ldap_09_nor_does_a_name_bring_one_along(rdn, refusal):
    """A directory adds to the entry what its name holds (RFC 4511, sections 4.7 and 4.9)."""
    is_refused(f'rename 2 uid=fritz,dc=test "{rdn}"', "rename-response", refusal)
    is_refused(f'add 2 "{rdn},dc=test" cn=new', "add-response", refusal)
    is_refused(f'add 2 "cn=\\"a,b\\"+{rdn},dc=test" cn=new', "add-response", refusal)


@pytest.mark.parametrize("rdn", ["uid=fritz2", "cn=Fritz 2.0", "cn=2.5.4.35", "cn=1+sn=2", "cn=C=3"])
def test_ldap_09_other_names_pass(rdn):
    over_tls(
        f"""
        {ADMITTED}
        C: rename 2 uid=fritz,dc=test "{rdn}" ou=new,dc=test
        forward rename 2 uid=fritz,dc=test "{rdn}" ou=new,dc=test
        C: add 3 "{rdn},dc=test" cn=x
        forward add 3 "{rdn},dc=test" cn=x
        """
    )


def test_ldap_09_password_modify_is_refused_with_and_without_a_name():
    for value in ("", "x"):
        is_refused(
            f"extended 2 PasswordModify {value}",
            "extended-response",
            '53 "This extended operation can\'t be used with an app password"',
        )


def test_ldap_09_other_attributes_pass_and_the_configuration_says_which_are_passwords():
    over_tls(
        f"""
        {ADMITTED}
        C: modify 2 uid=fritz,dc=test replace:userPasswordHint=x delete:mail=x
        forward modify 2 uid=fritz,dc=test replace:userPasswordHint=x delete:mail=x
        """
    )
    terms = in_service_mode("modify", passwords=[b"unicodepwd"])
    is_refused("modify 2 cn=x replace:unicodePwd=x", "modify-response", NO_PASSWORD, **terms)


@pytest.mark.parametrize(
    "name",
    [
        "unicodePwd",
        "clearTextPassword",  # Samba sets the password by it
        "msDS-KeyCredentialLink",  # Active Directory lets in who has the key
        "altSecurityIdentities",
        "ipaNTHash",  # FreeIPA
    ],
)
def test_ldap_09_nothing_by_which_a_directory_lets_in_is_written_unless_it_is_configured(name):
    terms = in_service_mode("modify", "add", passwords=[one.lower().encode() for one in PASSWORD_ATTRIBUTES])
    is_refused(f"modify 2 cn=x replace:{name}=x", "modify-response", NO_PASSWORD, **terms)
    is_refused(f"add 2 cn=x cn=x {name}=x", "add-response", NO_PASSWORD, **terms)


def test_ldap_09_who_logged_in_with_the_main_password_may_change_it():
    for operation in (
        "modify 2 uid=fritz,dc=test replace:userPassword=x",
        "rename 2 uid=fritz,dc=test userPassword=x",
        "extended 2 PasswordModify x",
    ):
        over_tls(f"{PASSED_THROUGH}\nC: {operation}\nforward {operation}")


@pytest.mark.parametrize(
    "changes",
    [
        "",  # no changes at all
        "30 02 0a 01",  # a change that is cut off
        "30 05 30 03 0a 01 02",  # nothing but what to do
        "30 0a 30 08 0a 01 02 04 03 61 62 63",  # an attribute that is none
        "30 0c 30 0a 0a 01 02 30 05 02 03 61 62 63",  # a name that is none
        "31 00",
        "30 84 7f ff ff ff",
    ],
)
def test_ldap_09_changes_that_nobody_can_read_reach_no_directory(changes):
    body = b"\4\4cn=x" + bytes.fromhex(changes)
    operation = b"\2\1\2\x66%c%b" % (len(body), body)
    stream = message("bind 1 fritz secret") + b"\x30%c%b" % (len(operation), operation)
    ended = talk(ldap.front(FrontTerms()), [stream], results=[ADMITTING])
    assert ended.forwarded == []
    assert ended.end.startswith("ProtocolError: ")
