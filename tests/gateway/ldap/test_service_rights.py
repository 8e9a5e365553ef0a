"""proxied_authorization = false: who is admitted searches and compares with the service account's rights."""

import re
import ssl

import ldap3
import pytest

from tests.gateway.ldap.door import login_of
from tests.gateway.ldap.entrants import admitted, passed
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD, person_dn
from tests.servers.ldap_scripts import SCRIPTS, script
from tests.servers.ldap_tools import found, tool

BACKEND = "proxied_authorization = false"
pytestmark = pytest.mark.timeout(60)
TLS = pytest.mark.parametrize("tls", ["implicit", "starttls"])
COMPARE_FALSE, COMPARE_TRUE, UNAVAILABLE_CRITICAL_EXTENSION, INSUFFICIENT_ACCESS, UNWILLING = 5, 6, 12, 50, 53
ALLOWED = "With an app password, only these are allowed: compare, search"


@pytest.fixture(scope="module")
def fritz(standing_door):
    fritz = admitted(standing_door, "fritz")
    standing_door.slapd.modify(fritz.dn, {"homePhone": ["11 11"]})
    return fritz


@pytest.fixture(scope="module")
def dora(standing_door):
    dora = passed(standing_door, "dora")
    standing_door.slapd.modify(dora.dn, {"homePhone": ["22 22"]})
    return dora


@TLS
def test_ldapsearch_finds_what_the_service_account_finds(door, fritz, tls):
    words = ["-b", PEOPLE, "(uid=*)", "uid", "homePhone", "entryUUID"]
    seen = found(door.directory(tls), *words, who=fritz.who)
    assert seen == found(door.slapd.directory(), *words, who=(SERVICE_DN, SERVICE_PASSWORD))
    assert "entryUUID: " in seen
    assert "homePhone" not in seen
    assert "PROXYAUTHZ" not in door.slapd_log()
    # As himself he sees something else.
    own = found(door.slapd.directory(), *words, who=(fritz.dn, MAIN))
    assert "homePhone: 11 11\n" in own


@TLS
def test_ldapcompare_works(door, fritz, tls):
    def compared(assertion):
        return tool(
            door.directory(tls), "ldapcompare", person_dn("good"), assertion, who=fritz.who
        ).returncode

    assert compared("mail:good@example.test") == COMPARE_TRUE
    assert compared("mail:other@example.test") == COMPARE_FALSE


@TLS
def test_whoami_names_the_user_and_not_the_service_account(door, fritz, dora, tls):
    done = tool(door.directory(tls), "ldapwhoami", who=fritz.who)
    assert (done.returncode, done.stdout) == (0, f"u:{login_of('fritz')}\n")
    done = tool(door.directory(tls), "ldapwhoami", who=dora.who)
    assert (done.returncode, done.stdout) == (0, f"dn:{dora.dn}\n")


@TLS
def test_all_else_is_refused_and_not_asked_of_slapd(door, fritz, tls):
    own = f"dn: {fritz.dn}\n"
    asked = [
        ("ldapmodify", [], own + "changetype: modify\nreplace: title\ntitle: Dr.\n"),
        ("ldapmodify", [], own + "changetype: modify\nreplace: userPassword\nuserPassword: new\n"),
        ("ldapadd", [], f"dn: cn=x,{fritz.dn}\nobjectClass: person\ncn: x\nsn: x\n"),
        ("ldapdelete", [fritz.dn], ""),
        ("ldapmodrdn", [fritz.dn, "uid=other"], ""),
    ]
    for program, words, text in asked:
        done = tool(door.directory(tls), program, *words, who=fritz.who, text=text)
        assert done.returncode == UNWILLING, program
        assert ALLOWED in done.stderr + done.stdout
    done = tool(door.directory(tls), "ldappasswd", "-s", "new", who=fritz.who)
    assert f"({UNWILLING})" in done.stdout
    # Not even a connection was opened for all that.
    assert door.connections_at_slapd() == 0


def test_no_control_makes_the_service_account_act_for_somebody_else(door, fritz):
    for authzid in (f"dn:{person_dn('good')}", "dn:", f"dn:{fritz.dn}"):
        words = ["-e", f"!authzid={authzid}", "-b", PEOPLE, "(uid=*)"]
        done = tool(door.directory(), "ldapsearch", *words, who=fritz.who)
        assert done.returncode == UNAVAILABLE_CRITICAL_EXTENSION
    assert "PROXYAUTHZ" not in door.slapd_log()


@TLS
def test_who_was_passed_through_has_the_own_rights(door, dora, tls):
    seen = found(door.directory(tls), "-b", PEOPLE, "(uid=*)", "homePhone", who=dora.who)
    assert re.findall("^homePhone: (.*)$", seen, re.MULTILINE) == ["22 22"]
    change = "dn: {}\nchangetype: modify\nreplace: title\ntitle: Dr.\n"
    assert tool(door.directory(tls), "ldapmodify", who=dora.who, text=change.format(dora.dn)).returncode == 0
    done = tool(door.directory(tls), "ldapmodify", who=dora.who, text=change.format(person_dn("good")))
    assert done.returncode == INSUFFICIENT_ACCESS


@TLS
@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_search(door, fritz, name, tls):
    done = script(name, door.directory(tls), fritz.who, "(mail=good@*)")
    assert (done.returncode, done.stdout) == (0, f"{person_dn('good')} good@example.test\n"), done.stderr


def test_ldap3_reads_the_schema_searches_by_pages_and_is_refused_the_rest(door, fritz):
    there = door.directory()
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(there.ca_file))
    server = ldap3.Server(there.host, there.port, use_ssl=True, tls=tls, get_info=ldap3.ALL)
    connection = ldap3.Connection(server, fritz.dn, fritz.secret, auto_bind=True, receive_timeout=20)
    try:
        assert "mail" in server.schema.attribute_types
        pages = connection.extend.standard.paged_search(
            PEOPLE, "(uid=*)", attributes=["mail"], paged_size=1, paged_criticality=True
        )
        assert person_dn("good") in [entry["dn"] for entry in pages]
        assert connection.extend.standard.who_am_i() == f"u:{login_of('fritz')}"
        assert not connection.modify(fritz.dn, {"title": [(ldap3.MODIFY_REPLACE, ["Dr."])]})
        assert connection.result["result"] == UNWILLING
        assert connection.result["message"] == ALLOWED
    finally:
        connection.unbind()


def test_two_users_on_one_connection_are_told_apart_and_so_is_nobody(door, fritz, dora):
    given = door.give("good").secret
    with door.wire() as wire:
        for name, secret, told in (
            (fritz.dn, fritz.secret, f"u:{login_of('fritz')}"),
            (person_dn("good"), given, f"u:{login_of('good')}"),
            (dora.dn, MAIN, f"dn:{dora.dn}"),
            (fritz.dn, fritz.secret, f"u:{login_of('fritz')}"),
        ):
            assert wire.bind(name, secret) == (0, "")
            assert wire.who_am_i() == told
        assert wire.bind(fritz.dn, "wrong")[0] == 49
        assert wire.who_am_i() == "8"
