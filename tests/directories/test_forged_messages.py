"""LDAP-32 to LDAP-34: forged messages before 389 Directory Server and Samba.

389 says in its log in whose name an operation ran. At Samba all run as the service account, and none may
write.
"""

import re

import pytest

from tests.directories.site import Site
from tests.gateway.ldap.forger import COUNT, FIRST, Forger, forgeries, told
from tests.gateway.ldap.forgery import Names, attacks
from tests.servers.ds389 import DirectoryServer
from tests.servers.samba import Samba

pytestmark = pytest.mark.timeout(300 + COUNT)
# 389 says nothing of the identity in a compare and an extended operation.
_OPERATION = re.compile(r"conn=(\d+) op=(\d+) (SRCH|MOD|ADD|DEL|MODRDN) (.*)$", re.MULTILINE)
_BIND = re.compile(r'conn=(\d+) op=\d+ BIND dn="([^"]*)"')
# What it refused while reading it: the reason stands behind.
_NOT_RUN = re.compile(r'dn="[^"]*"(?: authzid="[^"]*")?, .+')
_AUTHZID = re.compile(r' authzid="([^"]*)"')
# What Samba's log of its database tells of each change, and its log of logins of each bind. A login makes the
# server note its time.
_CHANGE, _BY_ITSELF = '"type": "dsdbChange"', '"userSid": "S-1-5-18"'
_LOGIN = re.compile(r'"type": "Authorization".*?"account": "([^"]*)"')


@pytest.fixture(scope="module", autouse=True)
def people(site):
    for name in ("mallory", "victim"):
        site.add(name, "enforced")
    site.mallorys = site.give("mallory")


@pytest.fixture
def forger(site):
    with Forger(site.wire, site.login("mallory"), site.mallorys.secret, site.directory.people) as forger:
        yield forger


def names_at(site: Site) -> Names:
    password = "userPassword" if isinstance(site.directory, DirectoryServer) else "unicodePwd"
    return Names(site.dn("mallory"), site.dn("victim"), site.directory.people, password)


def wrong_at_389(site: Site, log: str, before: str) -> list[str]:
    """What was run for the service account in another name than the attacker's; `before` has binds too."""
    mine = {connection for connection, dn in _BIND.findall(before + log) if dn == site.directory.service}
    others = [
        (found[0], found[4])
        for found in _OPERATION.finditer(log)
        if found[1] in mine and _AUTHZID.findall(found[4]) != [site.dn("mallory")]
    ]
    return [line for line, words in others if not _is_a_lookup(words) and not _NOT_RUN.fullmatch(words)]


def _is_a_lookup(words: str) -> bool:
    """The gateway's own, by which it finds a user's DN and whose a DN is."""
    return 'attrs="1.1"' in words or (" scope=0 " in words and 'attrs="mail"' in words)


def wrong_at_samba(site: Site, log: str, before: str) -> list[str]:
    """Changes that anybody but the server itself made, and logins of anybody but the service account."""
    del site, before
    changes = [line for line in log.splitlines() if _CHANGE in line and _BY_ITSELF not in line]
    return changes + [account for account in _LOGIN.findall(log) if account != "wicketgate"]


def assert_only_in_his_own_name(site: Site, forger: Forger, sent) -> None:
    wrong_at = wrong_at_389 if isinstance(site.directory, DirectoryServer) else wrong_at_samba
    before, contents = site.directory.log(), own(site)
    for what, forged in sent:
        forger.send(forged)
        log = site.directory.log()
        wrong = wrong_at(site, log[len(before) :], before)
        assert not wrong, told(what, forged, wrong)
        before = log
    assert own(site) == contents


def own(site: Site) -> str:
    """All that is stored, but for what a user may write in his own name."""
    volatile = ("description:", "modifyTimestamp:", "modifiersName:")
    return "\n".join(line for line in site.directory.contents().splitlines() if not line.startswith(volatile))


def test_ldap_32_the_attacks_on_the_parsing_change_neither_identity_nor_passwords(site, forger):
    assert_only_in_his_own_name(site, forger, attacks(names_at(site), FIRST))


def test_ldap_33_no_forged_message_runs_as_somebody_else_or_writes_a_password(site, forger):
    assert_only_in_his_own_name(site, forger, forgeries(names_at(site)))
    assert forger.answered
    assert forger.cut


def test_ldap_34_what_the_log_of_the_directory_shows_would_be_seen(site):
    """The counter-proof: both logs tell of a change that somebody else makes."""
    before = site.directory.log()
    site.directory.modify(site.dn("victim"), {"description": ["changed"]})
    log = site.directory.log()
    if isinstance(site.directory, Samba):
        assert wrong_at_samba(site, log[len(before) :], "")
    else:
        changes = [found for found in _OPERATION.finditer(log[len(before) :]) if found[3] == "MOD"]
        assert [_AUTHZID.findall(found[4]) for found in changes] == [[]]
