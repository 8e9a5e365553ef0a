"""Many at once, on each kind of store: what works once works once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest

from store.budget import Budget, Limit
from store.portal import authenticators, failures, guesses, pending, recovery, registration, sessions
from store.portal.authenticators import new_secret, step_of
from store.portal.failures import FREE, Kind
from store.portal.key import portal_key
from store.portal.sessions import Lifetime, Stage

MANY = 50
KEY = portal_key(bytes(32))
LIFETIME = Lifetime(timedelta(minutes=30), timedelta(hours=12))


def at_once(call, number=MANY):
    """What each of so many threads is answered."""
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda _: call(), range(number)))


@pytest.fixture
def secret(database, fritz):
    """An authenticator app of fritz's, registered with a code of a minute ago."""
    secret = new_secret()
    step = int(time.time() // 30) - 2
    registration.register_authenticator(database, KEY, fritz.id, "phone", secret, step, actor="test")
    return secret


def test_web_01_a_code_that_comes_50_times_at_once_over_two_nodes_is_taken_once(
    database, other, fritz, secret
):
    code = pyotp.TOTP(secret).now()
    nodes = iter([database, other] * MANY)
    assert at_once(lambda: authenticators.accept(next(nodes), KEY, fritz.id, code)).count(True) == 1


def test_web_01_no_code_is_taken_once_a_later_one_was(database, fritz, secret):
    now = int(time.time())
    totp = pyotp.TOTP(secret)
    assert authenticators.accept(database, KEY, fritz.id, totp.at(now + 30))
    assert not authenticators.accept(database, KEY, fritz.id, totp.at(now))
    assert not authenticators.accept(database, KEY, fritz.id, totp.at(now - 30))


@pytest.mark.parametrize(("offset", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_web_01_a_clock_may_be_off_by_one_step_and_no_more(offset, taken):
    secret, now = new_secret(), 1_800_000_000.0
    code = pyotp.TOTP(secret).at(int(now) + 30 * offset)
    assert (step_of(secret, code, now) == now // 30 + offset) is taken


@pytest.mark.parametrize(
    "code", ["", "1", "12345", "1234567", "١٢٣٤٥٦", "12345a", "000000\0", "-12345", "1e5"]
)
def test_what_is_no_code_is_none(code):
    assert step_of(new_secret(), code) is None


@pytest.mark.parametrize("kind", list(Kind))
def test_web_02_a_user_has_five_tries_however_many_come_at_once(database, other, fritz, kind):
    nodes = iter([database, other] * MANY)
    assert at_once(lambda: failures.take_a_try(next(nodes), fritz.id, kind)).count(None) == FREE


def test_web_03_a_recovery_code_that_comes_50_times_at_once_works_once(database, other, fritz):
    code, *_ = registration.renew_recovery_codes(database, KEY, fritz.id, actor="test")
    nodes = iter([database, other] * MANY)
    assert at_once(lambda: recovery.use(next(nodes), KEY, fritz.id, code)).count(True) == 1
    assert recovery.left(database, fritz.id) == 9


def test_web_03_recovery_codes_are_not_what_is_stored(store, database, fritz):
    codes = registration.renew_recovery_codes(database, KEY, fritz.id, actor="test")
    held = b"".join(store.everything())
    for code in codes:
        assert code.encode() not in held
        assert code.replace("-", "").encode() not in held


def test_web_05_a_session_that_steps_up_many_times_at_once_has_one_new_token(database, fritz):
    token = sessions.begin(database, fritz.id, Stage.PASSWORD, "192.0.2.1", "")
    session = sessions.find(database, token, LIFETIME)
    tokens = [one for one in at_once(lambda: sessions.step_up(database, session)) if one is not None]
    assert len(tokens) == 1
    assert sessions.find(database, token, LIFETIME) is None
    assert sessions.find(database, tokens[0], LIFETIME).stage is Stage.SECOND_STEP
    assert len(sessions.of_user(database, fritz.id)) == 1


def test_what_is_put_aside_is_taken_by_one_of_many(database, fritz):
    token = sessions.begin(database, fritz.id, Stage.SECOND_STEP, "192.0.2.1", "")
    session = sessions.find(database, token, LIFETIME)
    pending.put_aside(database, KEY, session, "app password", {"secret": "x"}, timedelta(minutes=1))
    taken = at_once(lambda: pending.take(database, KEY, session, "app password"))
    assert [one for one in taken if one is not None] == [{"secret": "x"}]


def test_guesses_at_once_are_no_more_than_their_budget(database, other):
    budgets = Budget("pair", (Limit(10, 600.0),)), Budget("user", (Limit(100, 86400.0),))
    nodes = iter([database, other] * MANY)
    assert at_once(lambda: guesses.take(next(nodes), KEY, budgets)).count(True) == 10
