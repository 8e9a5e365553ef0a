"""The demo's directory, without the gateway: who binds, and what is found."""

import ldap3
import pytest

from tests.demo.directory_client import BASE, PEOPLE, SERVICE, DirectoryClient, dn
from tests.demo.mailhost import SHARED
from tests.servers.directory import Directory
from tests.servers.ldap_tools import found, tool

OUTLOOK = "(&(mail=*)(|(mail={0}*)(|(cn={0}*)(|(sn={0}*)(givenName={0}*)))))"
PASSWORD = "doras-main-password"
DORA = {
    "objectClass": ["top", "person", "organizationalPerson", "inetOrgPerson"],
    "uid": ["dora"],
    "cn": ["Dora Dorn"],
    "sn": ["Dorn"],
    "givenName": ["Dora"],
    "mail": ["dora@example.test", "dora.alias@example.test"],
    "telephoneNumber": ["+49 221 5550-001"],
    "postalAddress": ["Dora Dorn$Torstraße 1$50667 Köln"],
}


@pytest.fixture
def stranger(ports):
    with DirectoryClient(ports["ldap"]) as client:
        yield client


@pytest.fixture
def dora(stranger):
    assert stranger.bind(dn("dora"), PASSWORD) == (0, "")
    return stranger


def test_everybody_reads_what_the_directory_can_do(stranger):
    wanted = ["namingContexts", "supportedLDAPVersion", "supportedExtension", "supportedControl"]
    assert stranger.search("", attributes=wanted, search_scope=ldap3.BASE) == {
        "": {
            "namingContexts": [BASE],
            "supportedLDAPVersion": ["3"],
            "supportedExtension": ["1.3.6.1.4.1.4203.1.11.3"],
            "supportedControl": ["2.16.840.1.113730.3.4.18"],
        }
    }


@pytest.mark.parametrize("name", ["dora", "enno", "fritz"])
def test_a_user_binds_with_the_dn_and_the_main_password(stranger, name):
    assert stranger.bind(dn(name), f"{name}s-main-password") == (0, "")
    assert stranger.who_am_i() == f"dn:{dn(name)}"


def test_a_dn_may_be_spelt_in_every_way(stranger):
    name = "0.9.2342.19200300.100.1.1=\\44ORA , OU=People,DC=example, dc=TEST"
    assert stranger.bind(name, PASSWORD) == (0, "")
    assert stranger.who_am_i() == f"dn:{dn('dora')}"


def test_the_gateways_account_binds_with_the_shared_password(stranger):
    assert stranger.bind(SERVICE, SHARED) == (0, "")
    assert stranger.who_am_i() == f"dn:{SERVICE}"


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        (dn("dora"), "wrong", 49),
        (dn("dora"), SHARED, 49),
        (dn("dora"), "ennos-main-password", 49),
        (dn("nobody"), PASSWORD, 49),
        (PEOPLE, SHARED, 49),
        (SERVICE, "wrong", 49),
        ("", PASSWORD, 49),
        ("dora@example.test", PASSWORD, 34),
        (dn("dora"), "", 53),
    ],
)
def test_nobody_else_binds_and_who_was_bound_is_so_no_longer(dora, name, password, code):
    assert dora.bind(name, password)[0] == code
    assert dora.who_am_i() == ""
    assert (dora.search(BASE), dora.code) == ({}, 50)


def test_who_has_not_bound_finds_nothing(stranger):
    for _ in range(2):
        assert (stranger.search(BASE), stranger.code) == ({}, 50)
        assert stranger.ask("compare", dn("dora"), "sn", "Dorn") == 50
        assert stranger.who_am_i() == ""
        assert stranger.bind("", "") == (0, "")


def test_an_entry_has_all_but_its_password(dora):
    assert dora.search(dn("dora"), search_scope=ldap3.BASE) == {dn("dora"): DORA}
    wanted = ["userPassword", "*", "+"]
    assert dora.search(dn("dora"), attributes=wanted, search_scope=ldap3.BASE) == {dn("dora"): DORA}


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        (["1.1"], {}),
        (["CN", "nickname"], {"cn": ["Dora Dorn"]}),
        (["surname", "2.5.4.42"], {"sn": ["Dorn"], "givenName": ["Dora"]}),
        (["userPassword"], {}),
        (["1.1", "uid"], {"uid": ["dora"]}),
    ],
)
def test_only_those_attributes_are_told_that_are_asked_for(dora, attributes, told):
    assert dora.search(PEOPLE, "(uid=dora)", attributes) == {dn("dora"): told}


def test_types_only_tells_no_values(dora):
    assert dora.search(PEOPLE, "(uid=dora)", ["cn", "mail"], types_only=True) == {
        dn("dora"): {"cn": None, "mail": None}
    }


@pytest.mark.parametrize(
    ("base", "scope", "names"),
    [
        (BASE, ldap3.BASE, [BASE]),
        (BASE, ldap3.LEVEL, [PEOPLE, f"ou=services,{BASE}"]),
        (PEOPLE, ldap3.LEVEL, [dn("dora"), dn("enno"), dn("fritz")]),
        (PEOPLE, ldap3.SUBTREE, [PEOPLE, dn("dora"), dn("enno"), dn("fritz")]),
        ("OU=People, DC=Example,dc=test", ldap3.LEVEL, [dn("dora"), dn("enno"), dn("fritz")]),
        (dn("dora"), ldap3.LEVEL, []),
        (dn("dora"), ldap3.SUBTREE, [dn("dora")]),
        ("", ldap3.LEVEL, [BASE]),
    ],
)
def test_each_scope_has_its_entries(dora, base, scope, names):
    assert sorted(dora.search(base, attributes=["1.1"], search_scope=scope)) == sorted(names)
    assert dora.code == 0


def test_a_search_without_a_base_is_one_in_the_whole_directory(dora):
    everything = dora.search(BASE, attributes=["1.1"])
    assert len(everything) == 7
    assert dora.search("", attributes=["1.1"]) == everything


@pytest.mark.parametrize(
    ("base", "code"), [(dn("nobody"), 32), ("dc=org", 32), ("people", 34), ("uid=,", 34)]
)
def test_a_base_that_is_not_there_is_told(dora, base, code):
    assert (dora.search(base), dora.code) == ({}, code)
    assert dora.ask("compare", base, "sn", "Dorn") == code


@pytest.mark.parametrize(("limit", "count", "code"), [(1, 1, 4), (2, 2, 4), (3, 3, 0), (4, 3, 0), (0, 3, 0)])
def test_no_more_entries_are_sent_than_are_wanted(dora, limit, count, code):
    assert len(dora.search(BASE, "(mail=*)", size_limit=limit)) == count
    assert dora.code == code


def test_outlooks_address_book_finds_dora(dora):
    for typed in ("d", "dora", "Dor"):
        assert list(dora.search(BASE, OUTLOOK.format(typed), ["cn", "mail"], size_limit=100)) == [dn("dora")]
    assert dora.search(BASE, OUTLOOK.format("x")) == {}


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [
        ("sn", "DORN", 6),
        ("mail", "dora.alias@example.test", 6),
        ("surname", "Ebert", 5),
        ("description", "a", 16),
        ("userPassword", PASSWORD, 17),
        ("nickname", "dora", 17),
    ],
)
def test_values_are_compared(dora, attribute, value, code):
    assert dora.ask("compare", dn("dora"), attribute, value) == code


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("add", (dn("gerda"), "inetOrgPerson", {"cn": "Gerda", "sn": "Gans"})),
        ("modify", (dn("dora"), {"sn": [(ldap3.MODIFY_REPLACE, ["Gans"])]})),
        ("delete", (dn("enno"),)),
        ("modify_dn", (dn("dora"), "uid=gerda")),
    ],
)
def test_nothing_can_be_written(dora, operation, arguments):
    assert dora.ask(operation, *arguments) == 53
    assert "read-only" in dora.ldap3.result["message"]
    assert len(dora.search(BASE, "(mail=*)")) == 3
    assert dora.search(dn("dora")) == {dn("dora"): DORA}


def test_an_extended_operation_that_is_not_known_is_told(dora):
    assert dora.ask("extended", "1.3.6.1.4.1.4203.1.11.1") == 2  # Password Modify
    assert dora.ask("extended", "1.3.6.1.4.1.1466.20037") == 2  # StartTLS
    assert dora.who_am_i() == f"dn:{dn('dora')}"


def test_a_filter_that_is_too_deep_is_refused_and_the_session_goes_on(dora):
    assert (dora.search(BASE, "(!" * 60 + "(uid=dora)" + ")" * 60), dora.code) == ({}, 11)
    assert list(dora.search(BASE, "(!" * 40 + "(uid=dora)" + ")" * 40)) == [dn("dora")]


def test_openldaps_own_clients_are_served(ports, tmp_path):
    directory = Directory("localhost", ports["ldap"], tmp_path, "none")
    who = dn("enno"), "ennos-main-password"
    assert found(directory, "-b", BASE, OUTLOOK.format("d"), "cn", who=who).splitlines() == [
        f"dn: {dn('dora')}",
        "cn: Dora Dorn",
        "",
    ]
    assert tool(directory, "ldapwhoami", who=who).stdout == f"dn:{dn('enno')}\n"
    assert tool(directory, "ldapcompare", dn("dora"), "sn:dorn", who=who).returncode == 6
    assert tool(directory, "ldapsearch", "-b", BASE, who=(dn("enno"), "wrong")).returncode == 49
