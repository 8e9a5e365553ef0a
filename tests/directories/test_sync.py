"""Users who come from a real directory: their names, whether they are disabled, and groups in groups."""

import pytest

from store import users
from store.model import MfaState
from tests.gateway.site import MAIN
from tests.servers.samba import Samba

INVALID_CREDENTIALS = 49
MORE = 'mfa_group = "cn=mfa,{groups}"\n'


@pytest.fixture(scope="module", autouse=True)
def people(site):
    """Fritz is in a group in a group in the group; the last of these is in itself by way of the others."""
    for name in ("fritz", "dora"):
        site.add_to_directory(name)
    directory = site.directory
    inner = directory.add_group("inner", [site.dn("fritz")])
    middle = directory.add_group("middle", [inner])
    top = directory.add_group("mfa", [middle])
    directory.modify(inner, {"member": [site.dn("fritz"), top]})
    site.sync()
    yield
    for group in (top, middle, inner):
        directory.delete(group)


def user(site, name):
    return users.find(site.people.database, site.login(name))


def test_everybody_is_there_with_login_and_entry(site):
    assert {user(site, name).dn.lower() for name in ("fritz", "dora")} == {site.dn("fritz"), site.dn("dora")}
    before = users.list_users(site.people.database)
    site.sync()
    assert users.list_users(site.people.database) == before


def test_groups_in_the_group_are_followed(site):
    assert (user(site, "fritz").mfa, user(site, "dora").mfa) == (MfaState.ENABLED, MfaState.DISABLED)


def test_a_user_who_is_disabled_in_the_directory_is_cut_and_refused(site):
    given = site.give("fritz")
    with site.client() as client:
        assert client.bind(site.login("fritz"), given.secret) == (0, "")
        assert client.search(site.directory.people, "(cn=dora)", ["sn"]) == [{"sn": ["dora"]}]
        site.directory.disable(site.dn("fritz"))
        site.sync()
        assert client.is_cut()
    assert site.bind(site.login("fritz"), given.secret) == INVALID_CREDENTIALS
    assert site.last_login()["reason"] == "disabled"
    site.directory.enable(site.dn("fritz"))
    site.sync("--full")
    assert site.bind(site.login("fritz"), given.secret) == 0


def test_one_who_passes_through_is_cut_as_well(site):
    with site.client() as client:
        assert client.bind(site.login("dora"), MAIN) == (0, "")
        site.directory.disable(site.dn("dora"))
        site.sync()
        assert client.is_cut()
    site.directory.enable(site.dn("dora"))
    site.sync()


def test_a_renamed_entry_keeps_its_user(site):
    dn = site.add_to_directory("moved")
    site.sync()
    number = user(site, "moved").id
    new = site.directory.rename(dn, "renamed")
    site.sync()
    assert (user(site, "moved").id, user(site, "moved").dn.lower()) == (number, new)
    site.known_as("moved", new)
    given = site.give("moved")
    assert site.bind(new, given.secret) == 0
    assert site.bind(dn, given.secret) == INVALID_CREDENTIALS


def test_a_short_name_of_its_own_is_an_alias(site):
    """sAMAccountName at Active Directory; the document names none for 389 Directory Server."""
    short = {"sAMAccountName": ["jdoe"], "userPrincipalName": [f"jane.doe@{site.directory.domain}"]}
    if not isinstance(site.directory, Samba):
        short = {"mail": [f"jane.doe@{site.directory.domain}"]}
    site.add_to_directory("jane.doe", **short)
    site.sync()
    given = site.give("jane.doe")
    assert site.bind(site.login("jane.doe"), given.secret) == 0
    expected = 0 if isinstance(site.directory, Samba) else INVALID_CREDENTIALS
    netbios = site.directory.domain.partition(".")[0].upper()
    assert [site.bind(name, given.secret) for name in (f"{netbios}\\jdoe", "jdoe")] == [expected] * 2
