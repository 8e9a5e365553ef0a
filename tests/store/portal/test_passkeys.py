"""Passkeys in the store: used once at a time, and registered by who may."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from store import users
from store.model import MfaState
from store.portal import methods, passkeys, recovery, registration
from store.portal.key import portal_key
from store.portal.methods import LastOne
from store.portal.passkeys import NewPasskey
from store.portal.registration import NotRegistered

KEY = portal_key(bytes(range(32)))


def new(id=b"id", count=0):
    return NewPasskey(id, b"key", count, False, ("internal", "usb"))


def register(database, user, made, **more):
    return registration.register_passkey(database, KEY, user.id, "Key ring", made, actor="test", **more)


def test_a_passkey_is_stored_as_it_was_made(database, fritz):
    assert len(register(database, fritz, new(count=2**32 - 1))) == 10
    (stored,) = passkeys.of_user(database, fritz.id)
    assert (stored.name, stored.made) == ("Key ring", new(count=2**32 - 1))
    assert passkeys.find(database, fritz.id, b"id") == stored
    assert register(database, fritz, new(b"other")) == []


def test_wa_02_a_passkey_is_found_for_its_owner_alone(database, fritz):
    dora = users.add(database, "dora@example.test", actor="test")
    register(database, fritz, new())
    assert passkeys.find(database, dora.id, b"id") is None


def test_wa_04_of_many_who_come_with_one_count_one_is_admitted(database, fritz):
    register(database, fritz, new(count=1))
    (stored,) = passkeys.of_user(database, fritz.id)
    with ThreadPoolExecutor(8) as threads:
        admitted = list(threads.map(lambda _: passkeys.use(database, stored, 2, False), range(50)))
    assert admitted.count(True) == 1


@pytest.mark.parametrize(
    ("known", "said", "admitted"), [(0, 0, True), (0, 1, True), (1, 0, False), (5, 4, False)]
)
def test_wa_04_the_count_rises_or_is_always_nothing(database, fritz, known, said, admitted):
    register(database, fritz, new(count=known))
    (stored,) = passkeys.of_user(database, fritz.id)
    assert passkeys.use(database, stored, said, True) is admitted
    (after,) = passkeys.of_user(database, fritz.id)
    assert (after.made.sign_count, after.made.backed_up) == ((said, True) if admitted else (known, False))


def test_wa_05_of_many_who_register_one_passkey_one_does(database, fritz):
    people = [users.add(database, f"user{number}@example.test", actor="test") for number in range(20)]
    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(lambda user: register(database, user, new()), people))
    assert sum(not isinstance(one, NotRegistered) for one in said) == 1
    with_codes = [user for user in people if recovery.left(database, user.id)]
    assert len(with_codes) == 1


def test_wa_06_of_many_who_know_the_password_alone_one_registers(database, fritz):
    with ThreadPoolExecutor(8) as threads:
        said = threads.map(
            lambda number: register(database, fritz, new(bytes([number])), only_first=True), range(20)
        )
        assert sum(not isinstance(one, NotRegistered) for one in said) == 1
    assert len(passkeys.of_user(database, fritz.id)) == 1


def test_of_two_who_remove_one_each_at_the_same_time_one_is_left(database, fritz):
    users.set_mfa(database, fritz.login, MfaState.ENFORCED, actor="test")
    for id in (b"one", b"two"):
        register(database, fritz, new(id))
    known = methods.of_user(database, fritz.id)
    with ThreadPoolExecutor(2) as threads:
        said = list(threads.map(lambda one: methods.remove(database, fritz.id, one, actor="test"), known))
    assert sorted(said, key=str) == [LastOne(), True]
    assert len(methods.of_user(database, fritz.id)) == 1


def test_what_is_gone_is_neither_renamed_nor_removed(database, fritz):
    register(database, fritz, new())
    (one,) = methods.of_user(database, fritz.id)
    assert methods.remove(database, fritz.id, one, actor="test") is True
    version = users.find(database, fritz.login).version
    assert methods.remove(database, fritz.id, one, actor="test") is False
    assert methods.rename(database, fritz.id, one, "x", actor="test") is False
    assert users.find(database, fritz.login).version == version
    assert recovery.left(database, fritz.id) == 0
