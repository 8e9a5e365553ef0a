"""A directory knows users by more names than the gateway; it has to have bound the one that was judged."""

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.door import LATER, QUICK, REFUSED, login_of, open_door
from tests.gateway.ldap.scripted import EXTENDED, Reply, ScriptedDirectory, Then, answering
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

POLICY = 'unknown_users = "pass"\nunknown_domains = ["example.test"]'
SUCCESS, WRONG = (0, ""), (49, REFUSED)
STRANGER = login_of("stranger")


def reporting(identity):
    """The answer to "Who am I?" (RFC 4532)."""
    value = ber.element(0x8B, identity.encode())
    return Reply(lambda number: ber.result(number, ber.EXTENDED_RESPONSE, 0, "", value))


@pytest.fixture(scope="module")
def directory(authority):
    with ScriptedDirectory(authority.server().server_context(), implicit=True) as directory:
        yield directory


@pytest.fixture(scope="module")
def standing(directory, slapd, authority, tmp_path_factory):
    folder = tmp_path_factory.mktemp("door")
    said = {"policy": POLICY, "limits": QUICK, "tls": "implicit", "directory": ""}
    ca_file, ports = authority.ca_file, [directory.port]
    with open_door(folder, slapd, authority, ports=ports, ca_file=ca_file, **said) as door:
        door.people.add(login_of("fritz"), "enforced", aliases=["CORP.fritz@example.test".lower()])
        door.gateway.run("user", "set-dn", login_of("fritz"), person_dn("fritz"))
        door.people.add(login_of("dora"), "disabled", aliases=["dodo@example.test"])
        yield door


@pytest.fixture
def door(standing, directory):
    standing.begin()
    directory.script.clear()
    directory.received, directory.binds = b"", []
    return standing


@pytest.mark.parametrize(
    "identity",
    [
        f"dn:{person_dn('fritz')}",
        f"dn:UID=FRITZ, {PEOPLE}",
        f"DN:{person_dn('fritz')}",
        "u:EXAMPLE\\fritz",
        "u:fritz@example.test",
        "u:OTHER\\stranger",
        "u:other",
        "u:fr\u00eftz@example.test",
        "dn:",
        "dn:nonsense",
        "x:stranger@example.test",
        "",
    ],
)
def test_name_12_whom_the_directory_binds_as_another_is_not_let_in(door, directory, identity):
    directory.script[EXTENDED] = reporting(identity)
    assert door.bind(STRANGER, MAIN) == WRONG
    [line] = door.logins()
    assert (line["verdict"], line["reason"]) == ("refused", "backend-knows-another")
    door.until_sessions(0)


@pytest.mark.parametrize(
    "identity", ["u:EXAMPLE\\stranger", "u:Stranger@Example.Test", f"dn:{person_dn('stranger')}"]
)
def test_who_is_bound_as_presented_is_let_in(door, directory, identity):
    directory.script[EXTENDED] = reporting(identity)
    assert door.bind(STRANGER, MAIN) == SUCCESS


@pytest.mark.parametrize("code", [2, 12, 50, 53])
def test_a_directory_that_does_not_say_is_believed(door, directory, code):
    directory.script[EXTENDED] = answering(ber.EXTENDED_RESPONSE, code)
    assert door.bind(STRANGER, MAIN) == SUCCESS


@pytest.mark.parametrize("reply", [Reply(then=Then.CLOSE), answering(ber.BIND_RESPONSE)])
def test_a_directory_that_can_not_be_understood_is_an_outage(door, directory, reply):
    directory.script[EXTENDED] = reply
    assert door.bind(STRANGER, MAIN) == (52, LATER)


@pytest.mark.parametrize(
    ("identity", "answer"),
    [
        ("u:EXAMPLE\\dora", SUCCESS),
        ("u:dodo", SUCCESS),
        ("u:EXAMPLE\\d.meier", SUCCESS),
        ("u:EXAMPLE\\fritz", WRONG),
        (f"dn:{person_dn('fritz')}", WRONG),
    ],
)
def test_name_12_so_it_is_with_a_known_user_who_passes_by_a_name(door, directory, identity, answer):
    directory.script[EXTENDED] = reporting(identity)
    assert door.bind(login_of("dora"), MAIN) == answer


def test_name_12_the_entry_that_was_reported_stands_for_the_session(door, directory):
    """Whoever gets its DN later is who is in."""
    dn = person_dn("stranger")
    directory.script[EXTENDED] = reporting(f"dn:{dn}")
    with door.client() as client:
        assert client.bind(STRANGER, MAIN) == SUCCESS
        door.people.add(login_of("enno"), "enforced")
        door.gateway.run("user", "set-dn", login_of("enno"), dn)
        assert client.is_cut()
    assert door.bind(STRANGER, MAIN) == WRONG
    assert directory.binds[-1] == (STRANGER, MAIN)
