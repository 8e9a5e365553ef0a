"""STLS-10: a directory that can't show who it is gets no credential, and its clients the temporary code."""

import pytest

from store import users
from tests.gateway.ldap import ber
from tests.gateway.ldap.door import LATER, login_of, open_door
from tests.gateway.ldap.scripted import ScriptedDirectory
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD, person_dn

SUCCESS, UNAVAILABLE = (0, ""), (52, LATER)
SEARCHING = f'search_base = "{PEOPLE}"\nremember_seconds = 0'
BAD = pytest.mark.parametrize("fault", ["expired", "wrong_name", "untrusted", "self_signed"])


@pytest.fixture(scope="module", params=["starttls", "implicit"])
def directory(request, authority):
    implicit = request.param == "implicit"
    with ScriptedDirectory(authority.server().server_context(), implicit=implicit) as directory:
        yield directory


@pytest.fixture(scope="module")
def standing(directory, slapd, authority, tmp_path_factory):
    """The store has the DNs of two users; whose DN it doesn't have is searched for."""
    more = {"ports": [directory.port], "ca_file": authority.ca_file, "directory": SEARCHING}
    tls = "implicit" if directory.implicit else "starttls"
    with open_door(tmp_path_factory.mktemp("door"), slapd, authority, tls=tls, **more) as door:
        for name, mfa in (("good", "enforced"), ("dora", "disabled"), ("paper", "disabled")):
            door.people.add(login_of(name), mfa)
        for name in ("good", "dora"):
            users.set_dn(door.people.database, login_of(name), person_dn(name), actor="test")
        door.good = door.give("good")
        yield door


@pytest.fixture
def door(standing, directory, authority):
    """After each test the directory has a good certificate, and is used."""
    show(directory, authority, "server")
    directory.received, directory.binds = b"", []
    standing.begin()
    yield standing
    show(directory, authority, "server")
    assert first_operation(standing) == 0
    assert "Traceback" not in standing.gateway.log()


def show(directory, authority, kind):
    """New connections get this certificate."""
    directory.context = getattr(authority, kind)().server_context()


def first_operation(door):
    with door.wire() as wire:
        assert wire.bind(person_dn("good"), door.good.secret) == SUCCESS
        return wire.ask(ber.search(7, PEOPLE)).code


def assert_no_credentials(door, directory):
    assert directory.binds == []
    for word in (MAIN, SERVICE_PASSWORD, door.good.secret, "dora", "paper", SERVICE_DN):
        assert word.encode() not in directory.received


@BAD
def test_stls_10_a_bad_certificate_gets_no_credentials(door, directory, authority, fault):
    show(directory, authority, fault)
    assert door.bind(person_dn("dora"), MAIN) == UNAVAILABLE
    assert first_operation(door) == 52
    assert door.log().count("certificate not accepted") >= 2
    assert_no_credentials(door, directory)


@BAD
def test_stls_10_nor_does_it_by_a_search_for_the_user(door, directory, authority, fault):
    show(directory, authority, fault)
    for name in (person_dn("paper"), "paper", person_dn("stranger")):
        assert door.bind(name, MAIN) == UNAVAILABLE
    assert_no_credentials(door, directory)


def test_a_good_certificate_is_shown_them(door, directory):
    assert door.bind(person_dn("dora"), MAIN) == SUCCESS
    assert first_operation(door) == 0
    assert directory.binds == [(person_dn("dora"), MAIN), (SERVICE_DN, SERVICE_PASSWORD)]
