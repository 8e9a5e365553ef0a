"""A change that one process makes in the store ends the sessions of another process that no longer hold."""

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from store import app_passwords, users
from store.hashing import Argon2
from store.model import MfaState
from store.pepper import load_pepper
from tests.gateway.before_dovecot import REFUSED, open_mailhouse
from tests.gateway.live import SITUATIONS, Live
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.timeout(60)

BIG = 8 << 20  # what a client that doesn't read leaves in the buffers of the kernel is less
WORD = "main password"
LASTING = "lasting@example.test"
NAMES = ["deleted", "emptied", "blocked", "gone", "enforced", "expiring", "graced", "kicked", "back"]


@pytest.fixture(scope="module")
def house(authority, tmp_path_factory):
    logins = [LASTING, *(f"{name}@example.test" for name in NAMES)]
    with Dovecot(dict.fromkeys(logins, WORD), {"gate": "backend-secret"}) as dovecot:
        for login in logins:
            dovecot.deliver(login, b"Subject: big\r\n\r\n" + (b"x" * 998 + b"\r\n") * (BIG // 1000))
        with open_mailhouse(tmp_path_factory.mktemp("gateway"), authority, dovecot) as house:
            house.people.add(LASTING, "enforced")
            house.given[LASTING] = house.people.give(LASTING)
            yield house


@dataclass(frozen=True)
class Case:
    """A command of the CLI, and the ways to log in that it ends: app password `one` and `other`, `main`."""

    name: str
    command: str
    ends: frozenset[str]


CASES = [
    Case("deleted", "app-password delete {login} {id}", frozenset({"one"})),
    Case("emptied", "app-password delete-all {login}", frozenset({"one", "other"})),
    Case("blocked", "user block {login}", frozenset({"one", "other", "main"})),
    Case("gone", "user delete {login} --yes", frozenset({"one", "other", "main"})),
    Case("enforced", "user set-mfa {login} enforced", frozenset({"main"})),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.command.partition(" {")[0])
def test_what_a_command_takes_away_ends_at_once_whatever_the_client_is_doing(house, case):
    login = house.people.add(f"{case.name}@example.test", "disabled")
    one, other = house.people.give(login, "one"), house.people.give(login, "other")
    secrets = {"one": one.secret, "other": other.secret, "main": WORD}
    with somebody_else(house), sessions(house, login, secrets) as live:
        house.gateway.run(*case.command.format(login=login, id=one.id).split())
        for way in case.ends:
            assert_cut(live[way])
        for way in secrets.keys() - case.ends:
            live[way][0].answer("NOOP")
        left = len(secrets.keys() - case.ends) * len(SITUATIONS)
        assert house.sessions().count(login) == left
    for way, secret in secrets.items():
        assert house.answer(login, secret) == (REFUSED if way in case.ends else "OK")


def test_an_app_password_that_expires_ends_its_sessions(house):
    login = house.people.add("expiring@example.test", "enforced")
    secret = expiring_app_password(house, login, datetime.now(UTC) + timedelta(seconds=3))
    with somebody_else(house), sessions(house, login, {"expiring": secret}) as live:
        assert_cut(live["expiring"])
        assert house.answer(login, secret) == REFUSED


def test_the_end_of_the_grace_ends_the_sessions_of_the_main_password(house):
    login = house.people.add("graced@example.test", "enabled")
    one = house.people.give(login, "one")
    with somebody_else(house), sessions(house, login, {"main": WORD, "one": one.secret}) as live:
        end = datetime.now(UTC) + timedelta(seconds=2)
        users.set_mfa(house.people.database, login, MfaState.ENABLED, end, actor="test")
        assert_cut(live["main"])
        live["one"][0].answer("NOOP")
        assert house.answer(login, WORD) == REFUSED


def test_a_user_who_is_kicked_may_come_again(house):
    login = house.people.add("kicked@example.test", "disabled")
    one = house.people.give(login, "one")
    with somebody_else(house), sessions(house, login, {"main": WORD, "one": one.secret}) as live:
        said = house.gateway.run("kick", login).stdout
        assert said == f"Cut {2 * len(SITUATIONS)} sessions of {login}.\n"
        assert_cut(live["main"])
        assert_cut(live["one"])
        assert house.answer(login, one.secret) == "OK"


def test_a_user_who_is_no_longer_blocked_may_come_again(house):
    login = house.people.add("back@example.test", "enforced", blocked=True)
    one = house.people.give(login, "one")
    assert house.answer(login, one.secret) == REFUSED
    house.gateway.run("user", "unblock", login)
    end = time.monotonic() + 10
    while (answer := house.answer(login, one.secret)) != "OK" and time.monotonic() < end:
        pass
    assert answer == "OK"


@contextmanager
def sessions(house, login, secrets):
    """One session in each situation for each of the secrets."""
    live = {
        way: [situation(house, login, secret) for situation in SITUATIONS] for way, secret in secrets.items()
    }
    try:
        yield live
    finally:
        for one in [one for many in live.values() for one in many]:
            one.close()


@contextmanager
def somebody_else(house):
    """Whose session must live on, whatever happens in the block."""
    live = Live.between_commands(house, LASTING, house.given[LASTING].secret)
    try:
        yield
        live.answer("NOOP")
    finally:
        live.close()


def assert_cut(live):
    between_commands, in_idle, in_a_fetch = live
    assert between_commands.octets_until_the_cut() == 0
    in_idle.octets_until_the_cut()
    assert in_a_fetch.octets_until_the_cut() < BIG


def expiring_app_password(house, login, end):
    """Sooner than the command line allows."""
    owner = users.find(house.people.database, login)
    pepper = load_pepper(house.gateway.folder / "pepper")
    _, secret = app_passwords.create(
        house.people.database,
        pepper,
        Argon2(8, 1, 1),
        owner.id,
        "expiring",
        ["imap"],
        expires_at=end,
        limit=40,
        actor="test",
    )
    return secret
