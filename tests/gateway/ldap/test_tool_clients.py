"""OpenLDAP's own tools, through the gateway: what slapd lets a user do it lets him do here, and no more."""

import re

import pytest

from tests.gateway.ldap.door import REFUSED, login_of
from tests.gateway.ldap.entrants import admitted, passed
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, person_dn
from tests.servers.ldap_tools import found, tool

pytestmark = pytest.mark.timeout(60)
TLS = pytest.mark.parametrize("tls", ["implicit", "starttls"])
COMPARE_FALSE, COMPARE_TRUE, NO_SUCH_OBJECT, INVALID_CREDENTIALS = 5, 6, 32, 49
INSUFFICIENT_ACCESS, UNWILLING = 50, 53


@pytest.fixture(scope="module")
def other(standing_door):
    """Somebody else, whose entry has a private attribute."""
    standing_door.add("other")
    standing_door.slapd.modify(person_dn("other"), {"homePhone": ["99 99"]})
    return person_dn("other")


def change(dn, attribute, value):
    return f"dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"


@TLS
def test_ldapwhoami_names_the_user_and_nobody_else(door, entrant, tls):
    done = tool(door.directory(tls), "ldapwhoami", who=entrant.who)
    assert (done.returncode, done.stdout) == (0, f"dn:{entrant.dn}\n"), done.stderr


@TLS
@pytest.mark.parametrize(
    "spelling", ["{0}@example.test", "EXAMPLE\\{0}", "{0}", "UID={0}, OU=People,dc=example,dc=test"]
)
def test_ldapwhoami_with_each_kind_of_name(door, entrant, tls, spelling):
    who = spelling.format(entrant.name), entrant.secret
    done = tool(door.directory(tls), "ldapwhoami", who=who)
    assert (done.returncode, done.stdout) == (0, f"dn:{entrant.dn}\n"), done.stderr


@TLS
def test_ldapsearch_finds_what_the_user_may_see(door, entrant, other, tls):
    door.slapd.modify(entrant.dn, {"homePhone": ["11 11"]})
    text = found(door.directory(tls), "-b", PEOPLE, "(uid=*)", "homePhone", who=entrant.who)
    assert re.findall("^homePhone: (.*)$", text, re.MULTILINE) == ["11 11"]
    text = found(door.directory(tls), "-b", other, who=entrant.who)
    assert "mail: other@example.test\n" in text
    assert "99 99" not in text


@TLS
def test_ldapsearch_is_told_what_slapd_says_of_an_entry_that_is_not_there(door, entrant, tls):
    done = tool(door.directory(tls), "ldapsearch", "-b", person_dn("nobody"), who=entrant.who)
    assert done.returncode == NO_SUCH_OBJECT
    assert f"matchedDN: {PEOPLE}\n" in done.stdout


@TLS
def test_ldapcompare(door, entrant, other, tls):
    def compared(dn, assertion):
        return tool(door.directory(tls), "ldapcompare", dn, assertion, who=entrant.who).returncode

    assert compared(other, "mail:other@example.test") == COMPARE_TRUE
    assert compared(other, "mail:elsewhere@example.test") == COMPARE_FALSE
    assert compared(other, "homePhone:99 99") == INSUFFICIENT_ACCESS


@TLS
def test_ldapmodify_writes_the_own_entry_and_no_other(door, entrant, other, tls):
    number = f"33 {tls} {entrant.name}"

    def modified(dn):
        text = change(dn, "telephoneNumber", number)
        return tool(door.directory(tls), "ldapmodify", who=entrant.who, text=text).returncode

    assert modified(entrant.dn) == 0
    assert modified(other) == INSUFFICIENT_ACCESS
    text = found(
        door.slapd.directory(), "-b", PEOPLE, f"(telephoneNumber={number})", who=(person_dn("good"), MAIN)
    )
    assert re.findall("^dn: (.*)$", text, re.MULTILINE) == [entrant.dn]


@TLS
def test_slapd_refuses_to_add_to_delete_and_to_rename_what_is_not_the_users(door, entrant, other, tls):
    at = door.directory(tls)
    text = f"dn: {person_dn('new')}\nobjectClass: inetOrgPerson\ncn: new\nsn: new\n"
    assert tool(at, "ldapadd", who=entrant.who, text=text).returncode == INSUFFICIENT_ACCESS
    assert tool(at, "ldapdelete", other, who=entrant.who).returncode == INSUFFICIENT_ACCESS
    assert tool(at, "ldapmodrdn", other, "uid=mine", who=entrant.who).returncode == INSUFFICIENT_ACCESS
    assert f"dn: {other}\n" in found(at, "-b", PEOPLE, "(uid=other)", who=entrant.who)


@TLS
def test_ldappasswd_changes_the_main_password_of_who_has_shown_it(door, tls):
    user = passed(door, f"changer-{tls}")
    done = tool(door.directory(tls), "ldappasswd", "-s", "new main password", who=user.who)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert door.bind(user.dn, "new main password") == (0, "")
    assert door.bind(user.dn, MAIN) == (INVALID_CREDENTIALS, REFUSED)


@TLS
def test_ldappasswd_is_refused_to_who_has_shown_an_app_password(door, tls):
    user = admitted(door, f"kept-{tls}")
    for whose in ([], ["-a", MAIN], [user.dn], [login_of(user.name)], [person_dn("good")]):
        done = tool(door.directory(tls), "ldappasswd", "-s", "new main password", *whose, who=user.who)
        assert f"Server is unwilling to perform ({UNWILLING})" in done.stdout, whose
        assert "This extended operation can't be used with an app password" in done.stdout
    assert "PASSMOD" not in door.slapd_log()
    for dn in (user.dn, person_dn("good")):
        assert tool(door.slapd.directory(), "ldapwhoami", who=(dn, MAIN)).returncode == 0


@TLS
def test_the_main_password_of_who_must_have_an_app_password_never_reaches_slapd(door, tls):
    user = admitted(door, f"enforced-{tls}")
    done = tool(door.directory(tls), "ldapwhoami", who=(user.dn, MAIN))
    assert done.returncode == INVALID_CREDENTIALS
    assert REFUSED in done.stderr
    assert user.dn not in door.binds_at_slapd()


@TLS
def test_what_slapd_is_shown_of_an_admitted_user_and_of_a_passed_one(door, entrant, tls):
    found(door.directory(tls), "-b", PEOPLE, "(cn=to be seen in the log)", who=entrant.who)
    bound, proxied = {"admitted": (SERVICE_DN, True), "passed": (entrant.dn, False)}[entrant.kind]
    assert door.binds_at_slapd() == [bound]
    assert (f'PROXYAUTHZ dn="{entrant.dn}"' in door.slapd_log()) is proxied
