"""What users can do before a real directory: search as address books do, page, and not write passwords."""

import ldap3
import pytest

from tests.gateway.ldap import ber
from tests.gateway.site import MAIN
from tests.servers.samba import Samba

SUCCESS, PROTOCOL_ERROR, COMPARE_TRUE, INSUFFICIENT_ACCESS, UNWILLING = 0, 2, 6, 50, 53
NUMBERS = 25
PAGED_RESULTS = "1.2.840.113556.1.4.319"  # RFC 2696
# Outlook's own, with what was typed in the place of %s.
OUTLOOK = "(&(mail=*)(|(mail=%s*)(|(cn=%s*)(|(sn=%s*)(|(givenName=%s*)(displayName=%s*))))))"


@pytest.fixture(scope="module", autouse=True)
def people(site):
    site.add("olga", "enforced")
    site.olgas = site.give("olga")
    site.add("dora", "disabled")
    for number in range(NUMBERS):
        site.add_to_directory(f"page{number:02}")


@pytest.fixture
def olga(site):
    with site.client() as client:
        assert client.bind(site.login("olga"), site.olgas.secret) == (0, "")
        yield client


def direct(site):
    """The directory itself, to which the service account has bound."""
    client = ldap3.Connection(
        ldap3.Server(site.directory.host, site.directory.tls_port, use_ssl=True, get_info=ldap3.NONE),
        site.directory.service,
        site.directory.service_password,
        check_names=False,
    )
    assert client.bind()
    return client


def test_outlooks_address_book_finds_who_was_typed(site, olga):
    found = olga.search(site.directory.base, OUTLOOK.replace("%s", "page0"), ["mail"])
    assert sorted(one["mail"][0] for one in found) == [
        f"page{number:02}@{site.directory.domain}" for number in range(10)
    ]


def test_a_search_comes_page_by_page(site, olga):
    pages = olga.ldap3.extend.standard.paged_search(
        site.directory.people,
        "(cn=page*)",
        ldap3.SUBTREE,
        attributes=["cn"],
        paged_size=7,
        paged_criticality=True,
    )
    names = [entry["attributes"]["cn"] for entry in pages]
    assert len(names) == NUMBERS
    assert olga.ldap3.result["result"] == SUCCESS


def test_a_compare_is_answered(site, olga):
    assert olga.code("compare", site.dn("dora"), "sn", "dora") == COMPARE_TRUE


@pytest.mark.parametrize("attribute", ["userPassword", "unicodePwd"])
def test_no_password_is_written_with_an_app_password(site, olga, attribute):
    before = site.directory.contents()
    changes = {attribute: [(ldap3.MODIFY_REPLACE, ["Another word of 2026!"])]}
    assert olga.code("modify", site.dn("olga"), changes) == UNWILLING
    assert site.directory.contents() == before


def test_the_directorys_own_rules_hold_where_the_gateway_can_act_for_users(site, olga):
    write = {"description": [(ldap3.MODIFY_REPLACE, ["x"])]}
    if isinstance(site.directory, Samba):
        assert olga.code("modify", site.dn("olga"), write) == UNWILLING
        return
    shown = olga.search(site.directory.people, "(uid=*a)", ["uid", "homePhone"])
    private = {one["uid"][0]: one["homePhone"] for one in shown}
    assert private["olga"] == ["olga's own"]
    assert private["dora"] == []
    assert olga.code("modify", site.dn("olga"), write) == SUCCESS
    assert olga.code("modify", site.dn("dora"), write) == INSUFFICIENT_ACCESS


def test_references_at_the_end_of_a_search_are_passed_on(site, olga):
    """A domain controller has them, and the same answer comes through the gateway as directly."""
    olga.ldap3.search(site.directory.base, "(cn=olga)", attributes=["sn"])
    through = sorted(one["uri"] for one in olga.ldap3.response if one["type"] == "searchResRef")
    client = direct(site)
    client.search(site.directory.base, "(cn=olga)", attributes=["sn"])
    assert through == sorted(one["uri"] for one in client.response if one["type"] == "searchResRef")
    assert bool(through) is isinstance(site.directory, Samba)
    client.unbind()


def test_who_am_i_is_answered_as_the_directory_does(site):
    """Samba knows no such operation. What 389 says is in docs/directories.md."""
    with site.wire() as wire:
        assert wire.bind(site.login("dora"), MAIN) == (0, "")
        own = str(PROTOCOL_ERROR) if isinstance(site.directory, Samba) else f"dn: {site.dn('dora')}"
        assert wire.who_am_i() == own
        answer = wire.ask(ber.search(wire.next(), site.directory.people, ber.equals("cn", "dora"), ["sn"]))
        assert answer.code == SUCCESS
