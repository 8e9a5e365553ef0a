"""Several directories: the next one is used when one can't be, and not when one has answered."""

from contextlib import ExitStack

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import REFUSED, login_of, open_door
from tests.gateway.ldap.scripted import BIND, ScriptedDirectory, answering
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD, person_dn
from tests.servers.ports import free_ports

SUCCESS = (0, "")


@pytest.fixture
def make(authority):
    """Makes a directory with a certificate that is good, or has that fault."""
    with ExitStack() as stack:

        def make(fault="server"):
            context = getattr(authority, fault)().server_context()
            return stack.enter_context(ScriptedDirectory(context))

        yield make


@pytest.fixture
def opened(slapd, authority, tmp_path):
    """Opens a door before these directories, once they have been asked what they offer."""
    with ExitStack() as stack:

        def opened(*ports, directories):
            more = {"ports": ports, "ca_file": authority.ca_file}
            door = stack.enter_context(open_door(tmp_path, slapd, authority, **more))
            door.people.add(login_of("good"), "enforced")
            door.people.add(login_of("dora"), "disabled")
            door.good = door.give("good")
            door.begin()
            for one in directories:
                one.received, one.binds = b"", []
            return door

        yield opened


def first_operation(door):
    with door.wire() as wire:
        assert wire.bind(person_dn("good"), door.good.secret) == SUCCESS
        return wire.ask(ber.search(7, PEOPLE)).code


def test_where_nobody_listens_or_shows_who_it_is_the_next_one_is_used(opened, make):
    bad, good, spare = make("expired"), make(), make()
    [nowhere] = free_ports(1)
    door = opened(nowhere, bad.port, good.port, spare.port, directories=[bad, good, spare])
    for _ in range(3):
        assert door.bind(person_dn("dora"), MAIN) == SUCCESS
        assert first_operation(door) == 0
    assert good.binds == [(person_dn("dora"), MAIN), (SERVICE_DN, SERVICE_PASSWORD)] * 3
    assert (bad.binds, spare.binds) == ([], [])


def test_a_no_is_an_answer_and_the_next_directory_is_not_asked(opened, make):
    first, second = make(), make()
    door = opened(first.port, second.port, directories=[first, second])
    first.script[BIND] = answering(ber.BIND_RESPONSE, 49)
    assert door.bind(person_dn("dora"), MAIN) == (49, REFUSED)
    assert first.binds == [(person_dn("dora"), MAIN)]
    assert second.binds == []
