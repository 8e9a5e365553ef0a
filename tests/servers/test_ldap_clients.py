"""What stands behind a directory works with the real slapd directly: Apache, Dovecot and scripts."""

import imaplib

import pytest

from tests.servers.apache import PAGE, Apache
from tests.servers.certificates import Authority
from tests.servers.directory import PEOPLE, SERVICE_DN, Directory, Person, group_dn
from tests.servers.dovecot_ldap import BY_TEMPLATE, SEARCHED, dovecot_ldap
from tests.servers.ldap_scripts import SCRIPTS, script
from tests.servers.slapd import Slapd

DORA, ENNO = Person("dora", "main password"), Person("enno", "other password")
TLS = ["none", "starttls", "implicit"]
INVALID_CREDENTIALS = 49


@pytest.fixture(scope="module")
def slapd():
    with Slapd([DORA, ENNO], {"staff": ["dora"]}) as server:
        yield server


@pytest.fixture
def elsewhere(slapd, tmp_path_factory):
    """The same directory, for a client that trusts another authority."""
    ca_file = Authority(tmp_path_factory.mktemp("elsewhere")).ca_file
    return Directory(slapd.host, slapd.port, ca_file)


def login(dovecot, name: str, password: str) -> str:
    context = dovecot.authority.client_context()
    with imaplib.IMAP4_SSL("localhost", dovecot.imaps, ssl_context=context) as session:
        try:
            session.login(name, password)
        except session.error as error:
            return str(error)
        return session.select()[0]


@pytest.mark.parametrize("tls", TLS)
def test_apache_shows_its_page_to_users_of_the_directory(slapd, tls):
    with Apache(slapd.directory(tls)) as apache:
        assert apache.get()[0] == 401
        assert apache.get("dora", DORA.password) == (200, PAGE)
        assert apache.get("dora", ENNO.password)[0] == 401
        assert apache.get("nobody", "x")[0] == 401


def test_apache_shows_its_page_to_a_group(slapd):
    with Apache(slapd.directory(), f"ldap-group {group_dn('staff')}") as apache:
        assert apache.get("dora", DORA.password) == (200, PAGE)
        assert apache.get("enno", ENNO.password)[0] == 401


def test_apache_believes_no_login_longer_than_the_directory_does(slapd):
    with Apache(slapd.directory()) as apache:
        assert apache.get("enno", ENNO.password)[0] == 200
        slapd.modify(ENNO.dn, {"userPassword": ["new password"]})
        assert apache.get("enno", ENNO.password)[0] == 401
        assert apache.get("enno", "new password")[0] == 200
        slapd.modify(ENNO.dn, {"userPassword": [ENNO.password]})


def test_apache_trusts_the_authority_alone(elsewhere):
    with Apache(elsewhere) as apache:
        assert apache.get("dora", DORA.password)[0] == 500


@pytest.mark.parametrize("lookup", [SEARCHED, BY_TEMPLATE], ids=["searched", "template"])
@pytest.mark.parametrize("tls", TLS)
def test_dovecot_lets_users_of_the_directory_in(slapd, tls, lookup):
    with dovecot_ldap(slapd.directory(tls), lookup) as dovecot:
        assert login(dovecot, "dora", DORA.password) == "OK"
        assert login(dovecot, "enno@example.test", ENNO.password) == "OK"
        assert "AUTHENTICATIONFAILED" in login(dovecot, "dora", ENNO.password)
        assert "AUTHENTICATIONFAILED" in login(dovecot, "nobody", "x")


def test_dovecot_searches_as_the_service_account_or_not_at_all(slapd):
    searched, bound = f'SRCH base="{PEOPLE}"', f'BIND dn="{SERVICE_DN}"'
    for lookup, expected in ((SEARCHED, True), (BY_TEMPLATE, False)):
        before = len(slapd.log())
        with dovecot_ldap(slapd.directory(), lookup) as dovecot:
            assert login(dovecot, "dora", DORA.password) == "OK"
        said = slapd.log()[before:]
        assert (searched in said, bound in said) == (expected, expected)


def test_dovecot_trusts_the_authority_alone(elsewhere):
    with dovecot_ldap(elsewhere) as dovecot:
        assert "UNAVAILABLE" in login(dovecot, "dora", DORA.password)


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("tls", TLS)
def test_scripts_log_in_and_search(slapd, name, tls):
    done = script(name, slapd.directory(tls), (DORA.dn, DORA.password), "(mail=enno@*)")
    assert (done.returncode, done.stdout) == (0, f"{ENNO.dn} enno@example.test\n"), done.stderr
    refused = script(name, slapd.directory(tls), (DORA.dn, ENNO.password), "(mail=enno@*)")
    assert (refused.returncode, refused.stdout) == (INVALID_CREDENTIALS, "")


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_trust_the_authority_alone(elsewhere, name):
    done = script(name, elsewhere, (DORA.dn, DORA.password), "(mail=enno@*)")
    assert done.returncode not in {0, INVALID_CREDENTIALS}
    assert done.stdout == ""
