"""Between logins and entries, asked of a real directory."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from config import ConfigurationError
from store.directory import DirectoryUnavailable, Lookup
from tests.servers.directory import BASE, PEOPLE, SERVICE_DN, Person
from tests.servers.slapd import Slapd
from tests.store.directory.conftest import DORA, FRITZ, settings_for
from tests.store.directory.fakes import nobody_calls

LOGIN = "fritz@example.test"


@pytest.fixture
def look(slapd, secret):
    """`look(...)` is a Lookup with what differs in [directory]."""
    made = []

    def look(**directory):
        made.append(Lookup(settings_for(slapd, secret, **directory)))
        return made[-1]

    yield look
    for lookup in made:
        lookup.close()


def test_a_login_leads_to_its_entry_and_the_entry_to_its_login(look):
    lookup = look()
    assert lookup.dn_of(LOGIN) == FRITZ.dn
    assert lookup.login_of(FRITZ.dn) == LOGIN


@pytest.mark.parametrize(
    "login", ["nobody@example.test", "fritz", "*", "f*", "*)(uid=*", "fritz@example.test\\00"]
)
def test_ldap_12_a_login_that_no_entry_has_leads_nowhere(look, login):
    assert look().dn_of(login) is None


def test_a_filter_of_parts_of_the_name(look):
    assert look(search_filter="(uid={local})").dn_of(LOGIN) == FRITZ.dn
    assert look(search_filter="(&(uid={local})(mail=*@{domain}))").dn_of(LOGIN) == FRITZ.dn
    assert look(search_filter="(&(uid={local})(mail=*@{domain}))").dn_of("fritz") is None


def test_a_login_that_several_entries_have_leads_nowhere(look):
    for filter in ("(|(uid={local})(uid=dora))", "(|(uid={local})(objectClass=person))"):
        assert look(search_filter=filter).dn_of(LOGIN) is None


def test_special_characters_in_a_dn_are_read_as_they_are_meant(look):
    dn = f"uid=a\\,b*(c),{PEOPLE}"
    assert look().dn_of("star@example.test") == dn
    assert look().login_of(dn) == "star@example.test"


@pytest.mark.parametrize(
    "dn",
    [
        f"uid=nobody,{PEOPLE}",
        f"1.2.3.4=fritz,{PEOPLE}",
        f"cn=fritz+uid=fritz,{PEOPLE}",
        SERVICE_DN,
        BASE,
        "uid=fritz,ou=people,dc=elsewhere",
        f"uid=fritz\\,{PEOPLE}",
        "fritz",
    ],
)
def test_ldap_12_a_dn_that_is_nobodys_leads_nowhere(look, dn):
    assert look().login_of(dn) is None


def test_a_dn_of_an_entry_that_is_no_user_leads_nowhere(look):
    assert look(sync_filter="(sn=dora)").login_of(FRITZ.dn) is None
    assert look(sync_filter="(sn=dora)").login_of(DORA.dn) == "dora@example.test"
    assert look().login_of(PEOPLE) is None


def test_an_entry_with_several_names_or_none_leads_nowhere(look):
    assert look().login_of(f"uid=enno,{PEOPLE}") is None
    assert look(login_attribute="uid").login_of(f"uid=enno,{PEOPLE}") == "enno"
    assert look(login_attribute="telephoneNumber").login_of(FRITZ.dn) is None


def test_many_threads_share_one_connection(slapd, look):
    lookup = look()
    before = len(re.findall("ACCEPT", slapd.log()))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lookup.dn_of, [LOGIN, "dora@example.test"] * 40))
    assert found == [FRITZ.dn, DORA.dn] * 40
    assert len(re.findall("ACCEPT", slapd.log())) - before == 1


def test_a_connection_that_died_is_opened_again_and_an_outage_is_never_a_no(secret):
    with Slapd([FRITZ]) as slapd:
        lookup = Lookup(settings_for(slapd, secret))
        assert lookup.dn_of(LOGIN) == FRITZ.dn
        slapd.restart()
        assert lookup.login_of(FRITZ.dn) == LOGIN
        slapd.stop()
        for ask in (lambda: lookup.dn_of(LOGIN), lambda: lookup.login_of(FRITZ.dn)):
            with pytest.raises(DirectoryUnavailable, match="The directory can't be asked"):
                ask()
        slapd.start()
        assert lookup.dn_of(LOGIN) == FRITZ.dn
        lookup.close()


def test_a_base_that_is_not_there_is_no_answer_but_a_mistake(look):
    with pytest.raises(DirectoryUnavailable, match=r"noSuchObject.*Check search_base"):
        look(search_base=f"ou=nowhere,{BASE}").dn_of(LOGIN)


def test_a_base_that_can_be_no_dn_is_a_configuration_error(look):
    with pytest.raises(ConfigurationError, match=r"directory\.search_base: no entry here can have the DN"):
        look(search_base="ou=a\u034fb,dc=test")


def test_ldap3_is_not_loaded_before_the_directory_is_asked():
    """It takes 16 MB, of which a gateway without a directory has no use."""
    program = "import sys, store.directory, gateway.cli.directory; assert 'ldap3' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_ldap_13_references_to_other_servers_are_not_followed(secret):
    """Neither one among the results of a search, nor one instead of a result."""
    with nobody_calls() as port, Slapd([FRITZ, Person("mallory", "word")]) as slapd:
        for name in ("branch", "mallory2"):
            slapd.add(
                f"ou={name},{PEOPLE}",
                {
                    "objectClass": ["referral", "extensibleObject"],
                    "ref": [f"ldap://127.0.0.1:{port}/ou={name},{PEOPLE}"],
                },
            )
        lookup = Lookup(settings_for(slapd, secret))
        assert lookup.dn_of(LOGIN) == FRITZ.dn
        with pytest.raises(DirectoryUnavailable, match="refers to another server, which is not followed"):
            lookup.login_of(f"ou=branch,{PEOPLE}")
        with pytest.raises(DirectoryUnavailable, match="refers to another server, which is not followed"):
            lookup.login_of(f"uid=fritz,ou=branch,{PEOPLE}")
        lookup.close()
        slapd.logged("SEARCH RESULT .* err=10 ")
