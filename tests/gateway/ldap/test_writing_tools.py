"""ldapadd, ldapmodrdn and ldapdelete, where slapd lets each user keep an address book below the own entry."""

import pytest

from tests.gateway.ldap.roomy import ADDRESS_BOOKS, roomy_slapd
from tests.servers.directory import person_dn
from tests.servers.ldap_tools import found, tool

pytestmark = pytest.mark.timeout(60)
TLS = pytest.mark.parametrize("tls", ["implicit", "starttls"])
INSUFFICIENT_ACCESS, UNWILLING = 50, 53


@pytest.fixture(scope="module")
def slapd():
    with roomy_slapd(ADDRESS_BOOKS) as slapd:
        yield slapd


def contact(name, dn, **more):
    values = {"objectClass": "inetOrgPerson", "cn": name, "sn": "Größe"} | more
    return f"dn: cn={name},{dn}\n" + "".join(f"{key}: {value}\n" for key, value in values.items())


@TLS
def test_a_contact_is_added_renamed_changed_and_deleted(door, entrant, tls):
    def run(program, *words, text=""):
        done = tool(door.directory(tls), program, *words, who=entrant.who, text=text)
        assert done.returncode == 0, done.stderr

    run("ldapadd", text=contact("aunt", entrant.dn, mail="aunt@example.test"))
    run("ldapmodrdn", "-r", f"cn=aunt,{entrant.dn}", "cn=great aunt")
    text = f"dn: cn=great aunt,{entrant.dn}\nchangetype: modify\nadd: mobile\nmobile: 77\n"
    run("ldapmodify", text=text)
    seen = found(door.directory(tls), "-b", entrant.dn, "-s", "one", "cn", "mail", "mobile", who=entrant.who)
    assert seen == (
        f"dn: cn=great aunt,{entrant.dn}\nmail: aunt@example.test\ncn: great aunt\nmobile: 77\n\n"
    )
    run("ldapdelete", f"cn=great aunt,{entrant.dn}")
    assert found(door.directory(tls), "-b", entrant.dn, "-s", "one", who=entrant.who) == ""


@TLS
def test_nothing_is_written_into_somebody_elses_address_book(door, entrant, tls):
    good = person_dn("good"), door.good.secret
    aunt = f"cn=aunt of {tls} {entrant.kind},{good[0]}"
    text = contact(f"aunt of {tls} {entrant.kind}", good[0])
    at = door.directory(tls)
    assert tool(at, "ldapadd", who=entrant.who, text=text).returncode == INSUFFICIENT_ACCESS
    assert tool(at, "ldapadd", who=good, text=text).returncode == 0
    assert tool(at, "ldapmodrdn", aunt, "cn=mine", who=entrant.who).returncode == INSUFFICIENT_ACCESS
    assert tool(at, "ldapdelete", aunt, who=entrant.who).returncode == INSUFFICIENT_ACCESS
    assert tool(at, "ldapdelete", aunt, who=good).returncode == 0


@TLS
def test_a_new_entry_gets_a_password_from_who_has_shown_the_main_one_alone(door, entrant, tls):
    text = contact("account", entrant.dn, userPassword="of the new entry")
    done = tool(door.directory(tls), "ldapadd", who=entrant.who, text=text)
    assert done.returncode == {"admitted": UNWILLING, "passed": 0}[entrant.kind]
    if entrant.kind == "passed":
        tool(door.directory(tls), "ldapdelete", f"cn=account,{entrant.dn}", who=entrant.who)
