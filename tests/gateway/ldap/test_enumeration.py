"""ENUM-01 at the LDAP door: a stranger learns nothing about an account from a refusal."""

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import REFUSED
from tests.gateway.ldap.strangers import kinds_of_refusal
from tests.servers.directory import PEOPLE, person_dn


@pytest.fixture(scope="module")
def kinds(standing_door):
    return kinds_of_refusal(standing_door)


def test_enum_01_every_final_refusal_has_the_same_bytes(door, kinds):
    expected = ber.result(1, ber.BIND_RESPONSE, 49, REFUSED)
    answers = {}
    for kind, (name, password) in kinds.items():
        with door.wire() as wire:
            wire.send(ber.bind(1, name, password))
            answers[kind] = wire.octets(len(expected))
            wire.send(ber.UNBIND)
            assert wire.rest() == []
    assert answers == dict.fromkeys(kinds, expected)


def test_enum_03_what_there_is_in_the_directory_is_not_told_to_strangers(door, kinds):
    """Whether an entry exists or not: slapd would say it to somebody who has bound (32, noSuchObject)."""
    for dn in (person_dn("enforced"), person_dn("nobody"), "cn=x", PEOPLE):
        for request in (
            ber.search(1, dn, scope=ber.BASE),
            ber.compare(1, dn, "uid", "x"),
            ber.delete(1, dn),
            ber.rename(1, dn, "uid=x"),
        ):
            with door.wire() as wire:
                answer = wire.ask(request)
                assert (answer.code, answer.text) == (8, "Bind first, with name and password")
    assert door.connections_at_slapd() == 0
