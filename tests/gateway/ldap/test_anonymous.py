"""Clients that have not bound: what [ldap] anonymous lets them do, and that nobody is taken for somebody."""

import ldap3
import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import REFUSED, open_door
from tests.gateway.ldap.entrants import admitted, passed
from tests.gateway.ldap.roomy import roomy_slapd
from tests.servers.directory import BASE, PEOPLE, SERVICES
from tests.servers.ldap_tools import found, tool

pytestmark = pytest.mark.timeout(60)
SETTINGS = ["none", "root-dse", "bind", "pass"]
STRONGER_AUTH_REQUIRED, CONFIDENTIALITY_REQUIRED = 8, 13
INAPPROPRIATE_AUTHENTICATION, INVALID_CREDENTIALS = 48, 49
# Something that everybody may see, and something that the service account alone sees.
RULES = f"""
access to dn.base="{PEOPLE}" by * read
access to dn.base="{SERVICES}" by dn.base="cn=wicketgate,{SERVICES}" write by * none
"""
START_TLS = "supportedExtension: 1.3.6.1.4.1.1466.20037\n"


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    """One whose root DSE names another server, too."""
    more = tmp_path_factory.mktemp("slapd") / "root.ldif"
    more.write_text("dn:\naltServer: ldap://other.example.test\nsupportedSASLMechanisms: GSSAPI\n")
    with roomy_slapd(RULES, settings=f"rootDSE {more}\n") as slapd:
        yield slapd


@pytest.fixture(scope="module", params=SETTINGS)
def setting(request):
    return request.param


@pytest.fixture(scope="module")
def standing_door(setting, tmp_path_factory, slapd, authority):
    more = f'[ldap]\nanonymous = "{setting}"\n'
    with open_door(tmp_path_factory.mktemp("door"), slapd, authority, more=more) as door:
        door.add("good")
        door.good = door.give("good", name="good one")
        yield door
        door.remove_people()


@pytest.fixture(scope="module")
def fritz(standing_door):
    return admitted(standing_door, "fritz")


@pytest.fixture(scope="module")
def dora(standing_door):
    return passed(standing_door, "dora")


@pytest.fixture(params=["implicit", "starttls"])
def tls(request):
    return request.param


def root_dse(directory, **more):
    return found(directory, "-b", "", "-s", "base", "*", "+", **more)


def test_ldapsearch_which_always_binds_reads_the_root_dse(door, setting, tls):
    done = tool(door.directory(tls), "ldapsearch", "-LLL", "-b", "", "-s", "base", "namingContexts")
    if setting in {"bind", "pass"}:
        assert (done.returncode, done.stdout) == (0, f"dn:\nnamingContexts: {BASE}\n\n")
    else:
        assert (done.returncode, done.stdout) == (INAPPROPRIATE_AUTHENTICATION, "")
        assert "Anonymous binds are not allowed: give name and password" in done.stderr


def test_ldapwhoami_is_nobody(door, setting, tls):
    done = tool(door.directory(tls), "ldapwhoami")
    if setting == "pass":
        assert (done.returncode, done.stdout) == (0, "anonymous\n")
    elif setting == "bind":
        assert f"Strong(er) authentication required ({STRONGER_AUTH_REQUIRED})" in done.stdout
        assert "Bind first, with name and password" in done.stdout
    else:
        assert (done.returncode, done.stdout) == (INAPPROPRIATE_AUTHENTICATION, "")


def test_ldapsearch_finds_what_slapd_shows_to_everybody_where_that_is_passed_on(door, setting, tls):
    done = tool(door.directory(tls), "ldapsearch", "-LLL", "-b", PEOPLE, "-s", "base", "ou")
    if setting == "pass":
        assert (done.returncode, done.stdout) == (0, f"dn: {PEOPLE}\nou: people\n\n")
        done = tool(door.directory(tls), "ldapsearch", "-LLL", "-b", PEOPLE, "-s", "one")
        assert (done.returncode, done.stdout) == (0, "")
    else:
        code = STRONGER_AUTH_REQUIRED if setting == "bind" else INAPPROPRIATE_AUTHENTICATION
        assert (done.returncode, done.stdout) == (code, "")
        assert "SRCH base" not in door.slapd_log()


def test_ldap3_asks_what_the_directory_can_do_before_it_binds(door, setting, tls):
    with door.client(tls) as client:
        client.ldap3.search("", "(objectClass=*)", ldap3.BASE, attributes=["*", "+"])
        if setting == "none":
            assert client.ldap3.result["result"] == STRONGER_AUTH_REQUIRED
        else:
            [entry] = client.ldap3.response
            assert entry["attributes"]["namingContexts"] == [BASE]
            assert entry["attributes"]["supportedLDAPVersion"] == ["3"]


def test_a_phone_reads_the_root_dse_in_clear_and_is_told_to_start_tls_before_a_bind(door, setting, fritz):
    with door.wire("none") as wire:
        answer = wire.ask(ber.search(wire.next(), "", scope=ber.BASE))
        assert answer.code == (CONFIDENTIALITY_REQUIRED if setting == "none" else 0)
        assert wire.bind("", "")[0] == CONFIDENTIALITY_REQUIRED
        assert wire.bind(fritz.dn, fritz.secret)[0] == CONFIDENTIALITY_REQUIRED
        assert wire.ask(ber.search(wire.next(), PEOPLE)).code == CONFIDENTIALITY_REQUIRED


def test_the_root_dse_leads_nobody_around_the_gateway(door, setting, fritz, dora, tls):
    own = root_dse(door.slapd.directory())
    assert "altServer: ldap://other.example.test\n" in own
    assert "supportedSASLMechanisms: GSSAPI\n" in own
    everybody = [None] if setting in {"bind", "pass"} else []
    for who in (fritz.who, dora.who, *everybody):
        shown = root_dse(door.directory(tls), who=who)
        assert "altServer" not in shown
        assert "supportedSASLMechanisms" not in shown
        # TLS is on by now.
        assert START_TLS not in shown
        left_out = (
            "altServer",
            "supportedSASLMechanisms",
            START_TLS.strip(),
            "entryDN",
            "structuralObjectClass",
        )
        expected = {line for line in own.splitlines() if not line.startswith(left_out)}
        assert expected <= set(shown.splitlines())


def test_start_tls_is_offered_where_it_can_be_had(door, setting):
    for tls, offered in (("none", True), ("starttls", False), ("implicit", False)):
        with door.wire(tls) as wire:
            wire.send(ber.search(wire.next(), "", attributes=["supportedExtension"], scope=ber.BASE))
            answer = wire.answer()
            if setting == "none":
                assert answer.code in {STRONGER_AUTH_REQUIRED, CONFIDENTIALITY_REQUIRED}
            else:
                assert (ber.START_TLS.encode() in answer.data) is offered


def nobodys_name(setting):
    """What "Who am I?" tells nobody: the empty name, where slapd is asked."""
    return "" if setting == "pass" else str(STRONGER_AUTH_REQUIRED)


def test_nobody_is_who_was_admitted_and_then_binds_without_a_name(door, setting, fritz, tls):
    with door.wire(tls) as wire:
        for _ in range(2):
            assert wire.bind(fritz.dn, fritz.secret) == (0, "")
            assert wire.who_am_i() == f"dn:{fritz.dn}"
            accepted = setting in {"bind", "pass"}
            assert wire.bind("", "")[0] == (0 if accepted else INAPPROPRIATE_AUTHENTICATION)
            assert wire.who_am_i() == nobodys_name(setting)
            assert wire.ask(ber.search(wire.next(), SERVICES, scope=ber.BASE)).code != 0
            assert wire.ask(ber.modify(wire.next(), SERVICES, "description", "mine")).code != 0


@pytest.mark.parametrize("kind", ["admitted", "passed"])
def test_nobody_is_who_was_in_and_then_fails_to_bind(door, fritz, dora, kind):
    user = {"admitted": fritz, "passed": dora}[kind]
    with door.wire() as wire:
        assert wire.bind(user.dn, user.secret) == (0, "")
        assert wire.who_am_i() == f"dn:{user.dn}"
        assert wire.bind(user.dn, "wrong") == (INVALID_CREDENTIALS, REFUSED)
        assert wire.who_am_i() == str(STRONGER_AUTH_REQUIRED)
        assert wire.ask(ber.search(wire.next(), PEOPLE)).code == STRONGER_AUTH_REQUIRED


def test_nobody_is_who_was_passed_through_and_then_binds_without_a_name(door, setting, dora):
    with door.wire() as wire:
        assert wire.bind(dora.dn, dora.secret) == (0, "")
        assert wire.who_am_i() == f"dn:{dora.dn}"
        wire.bind("", "")
        assert wire.who_am_i() == nobodys_name(setting)


def test_who_was_nobody_becomes_somebody(door, setting, fritz, dora):
    with door.wire() as wire:
        for user in (fritz, dora, fritz):
            wire.bind("", "")
            assert wire.who_am_i() == nobodys_name(setting)
            assert wire.bind(user.dn, user.secret) == (0, "")
            assert wire.who_am_i() == f"dn:{user.dn}"
