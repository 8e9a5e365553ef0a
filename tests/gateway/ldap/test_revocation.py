"""A change in the store ends the LDAP connections that no longer hold, whatever their clients are doing."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from store import app_passwords, users
from store.hashing import Argon2
from store.model import MfaState, User
from store.pepper import load_pepper
from tests.gateway.ldap import ber
from tests.gateway.ldap.door import REFUSED, Door, login_of, open_door
from tests.gateway.ldap.live import SITUATIONS, add_big_entries, assert_alive, assert_cut, idle
from tests.gateway.ldap.scripted import SEARCH, SILENT, ScriptedDirectory
from tests.gateway.site import MAIN
from tests.servers.directory import PEOPLE, person_dn

SUCCESS, INVALID_CREDENTIALS = (0, ""), (49, REFUSED)


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    add_big_entries(standing_door)


@dataclass(frozen=True)
class Case:
    """A change, and the ways to log in that it ends: app password `one` and `other`, `main`."""

    name: str
    change: Callable[[Door, User, str], object]
    ends: frozenset[str]


CASES = [
    Case("deleted", lambda door, user, one: delete_app_password(door, user, one), frozenset({"one"})),
    Case(
        "emptied",
        lambda door, user, one: door.gateway.run("app-password", "delete-all", user.login),
        frozenset({"one", "other"}),
    ),
    Case(
        "blocked",
        lambda door, user, one: door.people.block(user.login),
        frozenset({"one", "other", "main"}),
    ),
    Case("off", lambda door, user, one: door.disable("off"), frozenset({"one", "other", "main"})),
    Case(
        "gone",
        lambda door, user, one: users.delete(door.people.database, user.login, actor="test"),
        frozenset({"one", "other", "main"}),
    ),
    Case(
        "enforced",
        lambda door, user, one: users.set_mfa(
            door.people.database, user.login, MfaState.ENFORCED, actor="test"
        ),
        frozenset({"main"}),
    ),
]


def delete_app_password(door, user, one):
    assert app_passwords.delete(door.people.database, user.id, one, actor="test")


@contextmanager
def sessions(door, name, secrets):
    """A user's connections, one in each situation for each of the secrets; and somebody else's, who stays."""
    live = {
        way: [one(door, person_dn(name), secret) for one in SITUATIONS] for way, secret in secrets.items()
    }
    with idle(door, person_dn("good"), door.good.secret) as other:
        try:
            yield live
        finally:
            for wires in live.values():
                for wire in wires:
                    wire.close()
        assert other.who_am_i() == f"dn:{person_dn('good')}"


def logins_of_sessions(door):
    return [session["login"] for session in door.sessions()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_taken_away_ends_at_once_whatever_the_client_is_doing(door, case):
    login, dn = door.add(case.name, "disabled"), person_dn(case.name)
    one, other = door.give(case.name), door.give(case.name)
    secrets = {"one": one.secret, "other": other.secret, "main": MAIN}
    with sessions(door, case.name, secrets) as live:
        case.change(door, users.find(door.people.database, login), one.id)
        for way in case.ends:
            assert_cut(live[way])
        staying = secrets.keys() - case.ends
        for way in staying:
            assert_alive(live[way], dn)
        assert logins_of_sessions(door).count(login) == len(staying) * len(SITUATIONS)
    for way, secret in secrets.items():
        for name in (dn, login):
            assert door.bind(name, secret) == (INVALID_CREDENTIALS if way in case.ends else SUCCESS)


def test_who_gets_another_entry_in_the_directory_no_longer_acts_under_the_old_one(door):
    """The old DN may be somebody else's tomorrow, and a connection may last for weeks."""
    login = door.add("renamed", "disabled")
    new = door.add_to_slapd("renamed-new")
    secrets = {"one": door.give("renamed").secret, "main": MAIN}
    with sessions(door, "renamed", secrets) as live:
        door.gateway.run("user", "set-dn", login, new)
        for wires in live.values():
            assert_cut(wires)
    for secret in secrets.values():
        with door.wire() as wire:
            assert wire.bind(login, secret) == SUCCESS
            assert wire.who_am_i() == f"dn:{new}"


def test_time_ends_what_an_expired_app_password_or_a_grace_that_is_over_let_in(door):
    end = datetime.now(UTC) + timedelta(seconds=2)
    door.add("expiring", "enforced")
    door.add("graced", "enabled", grace_until=end)
    secret, one = expiring_app_password(door, "expiring", end), door.give("graced").secret
    with (
        sessions(door, "expiring", {"expiring": secret}) as expiring,
        sessions(door, "graced", {"main": MAIN, "one": one}) as graced,
    ):
        assert_cut(expiring["expiring"])
        assert_cut(graced["main"])
        assert_alive(graced["one"], person_dn("graced"))
    assert door.bind(person_dn("expiring"), secret) == INVALID_CREDENTIALS
    assert door.bind(person_dn("graced"), MAIN) == INVALID_CREDENTIALS


def expiring_app_password(door, name, end):
    """Sooner than the command line allows."""
    owner = users.find(door.people.database, login_of(name))
    _, secret = app_passwords.create(
        door.people.database,
        load_pepper(door.gateway.folder / "pepper"),
        Argon2(8, 1, 1),
        owner.id,
        "expiring",
        ["ldap"],
        expires_at=end,
        limit=40,
        actor="test",
    )
    return secret


def test_a_user_who_is_kicked_may_come_again(door):
    login = door.add("kicked", "disabled")
    secrets = {"main": MAIN, "one": door.give("kicked").secret}
    with sessions(door, "kicked", secrets) as live:
        assert door.gateway.run("kick", login).stdout == f"Cut {2 * len(SITUATIONS)} sessions of {login}.\n"
        for wires in live.values():
            assert_cut(wires)
        for secret in secrets.values():
            assert door.bind(person_dn("kicked"), secret) == SUCCESS


def test_the_table_of_sessions_shows_them(door):
    login = door.add("shown", "disabled")
    given = door.give("shown", name="Address book")
    with idle(door, person_dn("shown"), MAIN), idle(door, "shown", given.secret):
        told = [one for one in door.gateway.json("sessions") if one["login"] == login]
        assert [one["app_password"] for one in told] == ["", "Address book"]
        assert {(one["protocol"], one["listener"], one["address"]) for one in told} == {
            ("ldap", "ldaps", "127.0.0.1")
        }
    door.until_sessions(0)


def test_who_waits_for_an_answer_of_the_directory_is_cut_too(slapd, authority, tmp_path):
    with (
        ScriptedDirectory(authority.server().server_context()) as directory,
        open_door(tmp_path, slapd, authority, ports=[directory.port], ca_file=authority.ca_file) as door,
    ):
        for name in ("anna", "dora"):
            door.people.add(login_of(name), "disabled")
        secret = door.give("anna").secret
        directory.received, directory.script[SEARCH] = b"", SILENT
        with door.wire() as admitted, door.wire() as passed_through:
            for wire, name, word in ((admitted, "anna", secret), (passed_through, "dora", MAIN)):
                assert wire.bind(person_dn(name), word) == SUCCESS
                wire.send(ber.search(7, f"cn={name},{PEOPLE}"))
                directory.until_received(f"cn={name},".encode())
            for name in ("anna", "dora"):
                door.people.block(login_of(name))
            for wire in (admitted, passed_through):
                [notice] = wire.rest()
                assert (notice.number, notice.code) == (0, 52)
        door.until_sessions(0)
