"""Dovecot's LDAP passdb with auth_bind: what its users log in to IMAP with is judged by the gateway.

Where a user is it learns from a search as an account of its own, or it knows it from a template.
"""

import imaplib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.ldap.door import login_of
from tests.gateway.ldap.entrants import admitted, passed
from tests.gateway.site import MAIN
from tests.servers.directory import SERVICE_DN
from tests.servers.dovecot_ldap import BY_TEMPLATE, dovecot_ldap

# By template, each of Dovecot's connections begins with an anonymous bind.
MORE = """
[ldap]
anonymous = "bind"
"""
SEARCHED = """
dn = {dn}
dnpass = {secret}
pass_filter = (&(objectClass=inetOrgPerson)(|(uid=%u)(mail=%u)))
pass_attrs = uid=user
"""
pytestmark = pytest.mark.timeout(60)
IN, WRONG, UNAVAILABLE = "OK", "AUTHENTICATIONFAILED", "UNAVAILABLE"


@pytest.fixture(scope="module")
def account(standing_door):
    """Dovecot's own."""
    return admitted(standing_door, "dovecot")


@pytest.fixture(scope="module")
def dora(standing_door):
    return passed(standing_door, "dora")


@pytest.fixture(scope="module")
def fritz(standing_door):
    return admitted(standing_door, "fritz")


@pytest.fixture(scope="module", params=["searched", "template"])
def dovecot(request, standing_door, account):
    """One that asks over LDAPS, and one that uses StartTLS."""
    searched = SEARCHED.format(dn=account.dn, secret=account.secret)
    lookup, tls = {"searched": (searched, "implicit"), "template": (BY_TEMPLATE, "starttls")}[request.param]
    with dovecot_ldap(standing_door.directory(tls), lookup) as dovecot:
        dovecot.searches = request.param == "searched"
        yield dovecot


def login(dovecot, name, password):
    """IN, or what the refusal says."""
    context = dovecot.authority.client_context()
    with imaplib.IMAP4_SSL("localhost", dovecot.imaps, ssl_context=context) as session:
        try:
            session.login(name, password)
        except session.error as error:
            return str(error)
        return session.select()[0]


def until_login(dovecot, name, password, wanted):
    """The gateway hears of a change a moment later."""
    end = time.monotonic() + 10
    while wanted not in (said := login(dovecot, name, password)):
        assert time.monotonic() < end, said
        time.sleep(0.02)


def test_dovecot_lets_in_who_has_an_app_password_or_needs_none(door, dovecot, dora, fritz):
    assert login(dovecot, "dora", MAIN) == IN
    assert login(dovecot, "fritz@example.test", fritz.secret) == IN
    wrong = [("fritz", MAIN), ("dora", "wrong"), ("dora", fritz.secret), ("nobody", MAIN)]
    # All at once: Dovecot takes half a second for each refusal.
    with ThreadPoolExecutor() as at_once:
        for said in at_once.map(lambda one: login(dovecot, *one), wrong):
            assert WRONG in said
    assert login(dovecot, "fritz", fritz.secret) == IN
    # Neither the main password of who is enforced nor the app password of who is admitted gets to slapd.
    assert fritz.dn not in door.binds_at_slapd()
    assert set(door.binds_at_slapd()) == {dora.dn, *([SERVICE_DN] if dovecot.searches else [])}


def test_a_deleted_app_password_lets_nobody_in(door, dovecot, fritz):
    phone = door.give("fritz", name="phone")
    assert login(dovecot, "fritz", phone.secret) == IN
    door.gateway.run("app-password", "delete", login_of("fritz"), phone.id)
    until_login(dovecot, "fritz", phone.secret, WRONG)
    assert login(dovecot, "fritz", fritz.secret) == IN


def test_who_becomes_enforced_is_refused_with_the_main_password_and_let_in_with_another(door, dovecot):
    user = passed(door, "enno-searched" if dovecot.searches else "enno-template")
    assert login(dovecot, user.name, MAIN) == IN
    door.gateway.run("user", "set-mfa", login_of(user.name), "enforced")
    until_login(dovecot, user.name, MAIN, WRONG)
    assert login(dovecot, user.name, door.give(user.name).secret) == IN


def test_an_outage_of_slapd_looks_like_no_wrong_password(door, dovecot, dora, fritz):
    door.slapd.stop()
    try:
        assert UNAVAILABLE in login(dovecot, "dora", MAIN)
        # Who binds with an app password alone needs no slapd; who has to be found there does.
        assert (IN if not dovecot.searches else UNAVAILABLE) in login(dovecot, "fritz", fritz.secret)
    finally:
        door.slapd.start()
    until_login(dovecot, "dora", MAIN, IN)
    until_login(dovecot, "fritz", fritz.secret, IN)
