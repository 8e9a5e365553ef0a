"""The demo's directory through its gateway: address books, identities, and the lines to copy."""

import os
import subprocess

import ldap3
import pytest

from tests.demo.directory_client import BASE, PROXIED, dn
from tests.demo.running import Demo, ldap

OUTLOOK = "(&(mail=*)(|(mail={0}*)(|(cn={0}*)(|(sn={0}*)(givenName={0}*)))))"
DORA, ENNO, FRITZ = range(3)
by_each_kind_of_tls = pytest.mark.parametrize("starttls", [False, True], ids=["TLS", "StartTLS"])


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="module")
def welcome(demo):
    """What the demo has printed once it was ready."""
    lines = []
    while not lines or not lines[-1].startswith("Ctrl-C"):
        lines.append(demo.process.stdout.readline())
        assert lines[-1], "the demo has ended"
    return [line.rstrip("\n") for line in lines]


@by_each_kind_of_tls
@pytest.mark.parametrize(
    "name", ["fritz@example.test", "fritz.alias@example.test", "fritz", "UID=Fritz, OU=People," + BASE]
)
def test_an_address_book_finds_dora_with_the_app_password(demo, starttls, name):
    _, _, secret = demo.user(FRITZ)
    with ldap(demo, starttls) as client:
        assert client.bind(name, secret) == (0, "")
        found = client.search(BASE, OUTLOOK.format("d"), ["cn", "mail"], size_limit=100)
        assert found == {
            dn("dora"): {"cn": ["Dora Dorn"], "mail": ["dora@example.test", "dora.alias@example.test"]}
        }
        assert client.who_am_i() == f"dn:{dn('fritz')}"


@by_each_kind_of_tls
def test_the_main_password_is_refused_where_mfa_is_enforced(demo, starttls):
    _, main_password, _ = demo.user(FRITZ)
    with ldap(demo, starttls) as client:
        code, text = client.bind(dn("fritz"), main_password)
        assert code == 49
        assert "use an app password" in text
        assert (client.search(BASE), client.code) == ({}, 8)


@pytest.mark.parametrize("number", [DORA, ENNO])
def test_the_main_password_is_passed_through_where_mfa_is_not_enforced(demo, number):
    login, main_password, _ = demo.user(number)
    name = login.partition("@")[0]
    for presented in (dn(name), login):
        with ldap(demo) as client:
            assert client.bind(presented, main_password) == (0, "")
            assert client.who_am_i() == f"dn:{dn(name)}"
            assert list(client.search(BASE, "(mail=fritz@*)", ["1.1"])) == [dn("fritz")]


def test_a_wrong_password_is_refused_by_the_directory(demo):
    with ldap(demo) as client:
        assert client.bind(dn("dora"), "wrong")[0] == 49
        assert client.bind(dn("dora"), demo.user(DORA)[1]) == (0, "")


def test_each_bind_of_a_connection_changes_who_asks(demo):
    with ldap(demo) as client:
        for number, name, password in (
            (FRITZ, "fritz", 2),
            (DORA, "dora", 1),
            (ENNO, "enno", 2),
            (DORA, "dora", 2),
        ):
            assert client.bind(name, demo.user(number)[password]) == (0, "")
            assert client.who_am_i() == f"dn:{dn(name)}"


def test_nobody_acts_for_somebody_else(demo):
    control = [(PROXIED, True, f"dn:{dn('enno')}".encode())]
    with ldap(demo) as client:
        client.bind("fritz", demo.user(FRITZ)[2])
        assert (client.search(BASE, controls=control), client.code) == ({}, 12)
        client.bind("dora", demo.user(DORA)[1])
        assert (client.search(BASE, controls=control), client.code) == ({}, 123)


def test_nothing_can_be_written(demo):
    with ldap(demo) as client:
        client.bind("fritz", demo.user(FRITZ)[2])
        assert client.ask("modify", dn("fritz"), {"sn": [(ldap3.MODIFY_REPLACE, ["Other"])]}) == 53
        assert "read-only" in client.ldap3.result["message"]


def test_what_the_directory_can_do_is_told_before_a_bind(demo):
    with ldap(demo) as client:
        [root] = client.search("", attributes=["*", "+"], search_scope=ldap3.BASE).values()
        assert root["namingContexts"] == [BASE]
        assert "1.3.6.1.4.1.4203.1.11.3" in root["supportedExtension"]


def test_a_bound_connection_is_cut_when_its_app_password_is_deleted(tmp_path):
    with Demo(tmp_path) as demo:
        login, _, secret = demo.user(FRITZ)
        with ldap(demo) as client:
            assert client.bind(login, secret) == (0, "")
            assert client.who_am_i()
            demo.run(
                "app-password", "delete", login, demo.described()["users"][FRITZ]["app_passwords"][0]["id"]
            )
            client.until_cut()
        with ldap(demo) as client:
            assert client.bind(login, secret)[0] == 49


def test_the_lines_to_copy_show_dora_and_who_one_is(demo, welcome):
    lines = [line for line in welcome if line.startswith(("export LDAPTLS_CACERT", "ldap"))]
    assert [line.split()[0] for line in lines] == [
        "export",
        "ldapsearch",
        "ldapsearch",
        "ldapwhoami",
        "ldapwhoami",
    ]
    script = "set -e\n" + "\n".join(lines)
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(f"\ndn: {dn('dora')}\ncn: Dora Dorn\n") == 2
    assert done.stdout.endswith(f"dn:{dn('fritz')}\ndn:{dn('dora')}\n")


def test_the_configuration_that_it_writes_is_a_good_one(demo):
    assert demo.run("check-config")
