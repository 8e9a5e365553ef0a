"""Who has not seen the change feed for longer than the lease lets nobody in, and then makes up for it."""

import os
import signal
import time
from contextlib import ExitStack, contextmanager

import pytest

from store import app_passwords, users
from tests.gateway.before_dovecot import FRITZ, REFUSED, UNAVAILABLE, new_dovecot, open_mailhouse
from tests.gateway.live import Live

LEASE = 0.9
LIMITS = f"lease_seconds = {LEASE}\nfeed_seconds = 0.1\ndrain_seconds = 0\n"


@pytest.fixture(scope="module")
def house(authority, tmp_path_factory):
    with (
        new_dovecot() as dovecot,
        open_mailhouse(tmp_path_factory.mktemp("gateway"), authority, dovecot, limits=LIMITS) as house,
    ):
        yield house


@contextmanager
def frozen(gateway):
    """The process stands still, and wakes up after more than the lease."""
    os.kill(gateway.process.pid, signal.SIGSTOP)
    try:
        yield
        time.sleep(LEASE)
    finally:
        os.kill(gateway.process.pid, signal.SIGCONT)


@contextmanager
def store_out_of_reach(house):
    file = house.gateway.folder / "wicketgate.db"
    file.rename(file.with_suffix(".elsewhere"))
    try:
        yield
    finally:
        file.with_suffix(".elsewhere").rename(file)


def answer_other_than(house, unwanted, secret):
    """The first answer to a login that isn't the unwanted one."""
    end = time.monotonic() + 10
    while (answer := house.answer(FRITZ, secret)) == unwanted:
        assert time.monotonic() < end, f"it still answers {unwanted}"
    return answer


def test_after_a_freeze_nobody_is_let_in_until_the_feed_was_seen_and_what_was_revoked_is_cut(house):
    good, revoked = house.given[FRITZ], house.people.give(FRITZ, "revoked")
    doomed = Live.in_idle(house, FRITZ, revoked.secret)
    lasting = Live.in_idle(house, FRITZ, good.secret)
    with ExitStack() as absence:
        with frozen(house.gateway):
            owner = users.find(house.people.database, FRITZ)
            assert app_passwords.delete(house.people.database, owner.id, revoked.id, actor="test")
            absence.enter_context(store_out_of_reach(house))
        assert house.answer(FRITZ, good.secret) == UNAVAILABLE
        assert house.answer(FRITZ, revoked.secret) == UNAVAILABLE
        house.gateway.wait_for_log("reason=feed-silent")
    doomed.octets_until_the_cut()
    assert answer_other_than(house, UNAVAILABLE, good.secret) == "OK"
    assert house.answer(FRITZ, revoked.secret) == REFUSED
    lasting.leave_idle()
    lasting.leave()
    doomed.close()


def test_a_store_out_of_reach_refuses_for_the_moment_from_the_lease_on(house):
    secret = house.given[FRITZ].secret
    assert house.answer(FRITZ, secret) == "OK"
    with store_out_of_reach(house):
        assert answer_other_than(house, "OK", secret) == UNAVAILABLE
        house.gateway.wait_for_log("change feed cannot be read")
        assert house.gateway.run("status", check=False).returncode == 1
    assert answer_other_than(house, UNAVAILABLE, secret) == "OK"
    assert house.gateway.run("status").returncode == 0


def test_a_freeze_without_any_change_cuts_nobody(house):
    live = Live.between_commands(house, FRITZ, house.given[FRITZ].secret)
    with frozen(house.gateway):
        pass
    assert answer_other_than(house, UNAVAILABLE, house.given[FRITZ].secret) == "OK"
    live.leave()
