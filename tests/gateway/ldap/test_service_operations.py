"""operations = […] opens more than search and compare, all of it with the service account's rights."""

import pytest

from tests.gateway.ldap.entrants import admitted
from tests.gateway.ldap.roomy import roomy_slapd
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, person_dn
from tests.servers.ldap_tools import found, tool

BACKEND = """
proxied_authorization = false
operations = ["search", "compare", "modify", "add", "modrdn"]
password_attributes = ["userPassword", "pager"]
"""
RULES = f"""
access to attrs=telephoneNumber,userPassword,pager by dn.base="{SERVICE_DN}" write by anonymous auth
access to dn.subtree="ou=rooms,{PEOPLE}" by dn.base="{SERVICE_DN}" write by users read
access to dn.base="{PEOPLE}" attrs=children by dn.base="{SERVICE_DN}" write
"""
pytestmark = pytest.mark.timeout(60)
COMPARE_TRUE, INSUFFICIENT_ACCESS, UNWILLING = 6, 50, 53
ROOMS = f"ou=rooms,{PEOPLE}"


@pytest.fixture(scope="module")
def slapd():
    """Where the service account may write telephone numbers, passwords and an address book of rooms."""
    with roomy_slapd(RULES) as slapd:
        slapd.add(ROOMS, {"objectClass": ["organizationalUnit"]})
        yield slapd


@pytest.fixture(scope="module")
def fritz(standing_door):
    return admitted(standing_door, "fritz")


@pytest.fixture
def done(door, fritz):
    """Runs a tool as fritz and returns what it ends with, and all that it says."""

    def run(program, *words, text=""):
        done = tool(door.directory(), program, *words, who=fritz.who, text=text)
        return done.returncode, done.stdout + done.stderr

    return run


def change(dn, attribute, value):
    return f"dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"


def test_what_is_not_listed_is_refused(door, done):
    code, said = done("ldapdelete", ROOMS)
    assert code == UNWILLING
    assert "With an app password, only these are allowed: add, compare, modify, modrdn, search" in said
    assert " DEL dn=" not in door.slapd_log()


def test_what_is_listed_runs_with_the_service_accounts_rights(door, done, fritz):
    good = person_dn("good")
    assert done("ldapcompare", good, "mail:good@example.test")[0] == COMPARE_TRUE
    assert done("ldapmodify", text=change(good, "telephoneNumber", "44 44"))[0] == 0
    # What fritz could write himself the service account can't.
    assert done("ldapmodify", text=change(fritz.dn, "title", "Dr."))[0] == INSUFFICIENT_ACCESS
    room = f"dn: cn=attic,{ROOMS}\nobjectClass: inetOrgPerson\ncn: attic\nsn: attic\n"
    assert done("ldapadd", text=room)[0] == 0
    assert done("ldapmodrdn", "-r", f"cn=attic,{ROOMS}", "cn=cellar")[0] == 0
    seen = found(door.slapd.directory(), "-b", ROOMS, "-s", "one", "cn", who=(fritz.dn, MAIN))
    assert seen == f"dn: cn=cellar,{ROOMS}\ncn: cellar\n\n"


@pytest.mark.parametrize(
    "attribute",
    ["userPassword", "USERPASSWORD", "userPassword;x-option", "pager", "2.5.4.35", "OID.2.5.4.35"],
)
def test_no_password_is_written_though_the_service_account_could(door, done, attribute):
    """An OID is one more name of an attribute; userPassword is 2.5.4.35."""
    good = person_dn("good")
    assert done("ldapmodify", text=change(good, attribute, "new"))[0] == UNWILLING
    contact = f"dn: cn=new,{ROOMS}\nobjectClass: inetOrgPerson\ncn: new\nsn: new\n{attribute}: new\n"
    assert done("ldapadd", text=contact)[0] == UNWILLING
    assert " MOD dn=" not in door.slapd_log()
    assert " ADD dn=" not in door.slapd_log()
    assert tool(door.slapd.directory(), "ldapwhoami", who=(good, MAIN)).returncode == 0


def test_no_password_is_written_by_a_name_that_holds_it(door, done):
    """RFC 4511, section 4.9: what the new name holds becomes an attribute of the entry."""
    for rdn in ("userPassword=new", "cn=x+userPassword=new", "2.5.4.35=new"):
        assert done("ldapmodrdn", f"cn=lift,{ROOMS}", rdn)[0] == UNWILLING
    assert " MODRDN dn=" not in door.slapd_log()


def test_no_password_is_set_by_the_operation_for_it(done):
    said = done("ldappasswd", "-s", "new", person_dn("good"))[1]
    assert f"({UNWILLING})" in said
