"""Apache's mod_authnz_ldap: on one connection it searches as an application, then binds as the user.

The application is a user of the gateway with an app password of its own.
"""

import time

import pytest

from tests.gateway.ldap.door import login_of
from tests.gateway.ldap.entrants import admitted, passed
from tests.gateway.site import MAIN
from tests.servers.apache import PAGE, Apache
from tests.servers.directory import PEOPLE, SERVICE_DN, group_dn, person_dn

pytestmark = pytest.mark.timeout(60)
TLS = pytest.mark.parametrize("tls", ["implicit", "starttls"])
OK, UNAUTHORIZED, SERVER_ERROR = 200, 401, 500
# It takes the place of the fixture's own, which is for a directory that knows the service account.
LOCATION = """
# One process, so that there is one set of connections.
StartServers 1
ServerLimit 1
ThreadsPerChild 8
MaxRequestWorkers 8
MinSpareThreads 1
MaxSpareThreads 8
<Location />
  AuthLDAPURL "{url}/{base}?uid?one?(objectClass=inetOrgPerson)" {mode}
  AuthLDAPBindDN "{dn}"
  AuthLDAPBindPassword "{secret}"
</Location>
"""
MODES = {"implicit": "SSL", "starttls": "STARTTLS"}


@pytest.fixture(scope="module")
def intranet(standing_door):
    """The application's account."""
    return admitted(standing_door, "intranet")


@pytest.fixture(scope="module")
def dora(standing_door):
    return passed(standing_door, "dora")


@pytest.fixture(scope="module")
def fritz(standing_door):
    return admitted(standing_door, "fritz")


def open_apache(door, account, tls="implicit", require="valid-user"):
    there = door.directory(tls)
    dn, secret = account.who
    return Apache(
        there,
        require,
        LOCATION.format(url=there.url, base=PEOPLE, mode=MODES[tls], dn=dn, secret=secret),
    )


def until_status(apache, login, password, wanted):
    """The gateway hears of a change a moment later."""
    end = time.monotonic() + 10
    while (status := apache.get(login, password)[0]) != wanted:
        assert time.monotonic() < end, status
        time.sleep(0.02)


@TLS
def test_apache_shows_its_page_to_who_has_an_app_password_or_needs_none(door, intranet, dora, fritz, tls):
    with open_apache(door, intranet, tls) as apache:
        assert apache.get()[0] == UNAUTHORIZED
        for _ in range(3):
            assert apache.get("dora", MAIN) == (OK, PAGE)
            assert apache.get("fritz", fritz.secret) == (OK, PAGE)
            assert apache.get("fritz", MAIN)[0] == UNAUTHORIZED
            assert apache.get("dora", "wrong")[0] == UNAUTHORIZED
            assert apache.get("dora", fritz.secret)[0] == UNAUTHORIZED
            assert apache.get("nobody", fritz.secret)[0] == UNAUTHORIZED
            assert apache.get("*", MAIN)[0] == UNAUTHORIZED


def test_all_that_is_on_one_connection_and_its_searches_run_as_the_application(door, intranet, fritz):
    with open_apache(door, intranet) as apache:
        for _ in range(3):
            assert apache.get("fritz", fritz.secret) == (OK, PAGE)
    who = [line["user"] for line in door.logins()]
    assert who == [login_of("intranet"), login_of("fritz")] * 3
    assert len({line["port"] for line in door.logins()}) == 1
    assert door.binds_at_slapd() == [SERVICE_DN]
    assert f'PROXYAUTHZ dn="{intranet.dn}"' in door.slapd_log()
    assert fritz.dn not in door.slapd_log().replace(f'SRCH base="{fritz.dn}"', "")


def test_apache_asks_for_a_group_as_well(door, intranet, dora, fritz):
    staff = group_dn("staff")
    door.slapd.add(staff, {"objectClass": ["groupOfNames"], "member": [fritz.dn]})
    with open_apache(door, intranet, require=f"ldap-group {staff}") as apache:
        assert apache.get("fritz", fritz.secret) == (OK, PAGE)
        assert apache.get("dora", MAIN)[0] == UNAUTHORIZED
    door.slapd.delete(staff)


def test_a_deleted_app_password_of_a_user_opens_the_page_no_longer(door, intranet, fritz):
    phone = door.give("fritz", name="phone")
    with open_apache(door, intranet) as apache:
        assert apache.get("fritz", phone.secret)[0] == OK
        door.gateway.run("app-password", "delete", login_of("fritz"), phone.id)
        until_status(apache, "fritz", phone.secret, UNAUTHORIZED)
        assert apache.get("fritz", fritz.secret) == (OK, PAGE)


def test_a_deleted_app_password_of_the_application_ends_all_logins(door, dora):
    account = admitted(door, "retired")
    with open_apache(door, account) as apache:
        assert apache.get("dora", MAIN) == (OK, PAGE)
        door.gateway.run("app-password", "delete", login_of("retired"), account.given.id)
        until_status(apache, "dora", MAIN, UNAUTHORIZED)


def test_an_application_does_not_come_in_with_a_main_password_where_that_is_enforced(door, dora):
    account = passed(door, "old-application")
    with open_apache(door, account) as apache:
        assert apache.get("dora", MAIN) == (OK, PAGE)
        door.gateway.run("user", "set-mfa", login_of("old-application"), "enforced")
        until_status(apache, "dora", MAIN, UNAUTHORIZED)


def test_who_becomes_enforced_has_to_use_an_app_password(door, intranet):
    user = passed(door, "enno")
    with open_apache(door, intranet) as apache:
        assert apache.get("enno", MAIN) == (OK, PAGE)
        door.gateway.run("user", "set-mfa", login_of("enno"), "enforced")
        until_status(apache, "enno", MAIN, UNAUTHORIZED)
        given = door.give("enno")
        assert apache.get("enno", given.secret) == (OK, PAGE)
    assert user.dn == person_dn("enno")


def test_apache_without_a_directory_says_that_it_is_out_of_order_and_works_again(door, intranet, dora, fritz):
    with open_apache(door, intranet) as apache:
        assert apache.get("fritz", fritz.secret)[0] == OK
        door.slapd.stop()
        try:
            assert apache.get("fritz", fritz.secret)[0] == SERVER_ERROR
            assert apache.get("dora", MAIN)[0] == SERVER_ERROR
        finally:
            door.slapd.start()
        assert apache.get("fritz", fritz.secret) == (OK, PAGE)
        assert apache.get("dora", MAIN) == (OK, PAGE)
