"""Without its store, or with too much to do, the LDAP door refuses with 52, but for whom it remembers."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from store.hashing import Argon2
from tests.gateway.ldap.door import LATER
from tests.gateway.site import MAIN
from tests.servers.directory import person_dn

LEASE = 5  # within it, all is asked that those are told who are remembered
LIMITS = f"""
refusal_seconds = 0
drain_seconds = 0
lease_seconds = {LEASE}
feed_seconds = 0.1
hash_threads = 1
hash_queue = 1
"""
SUCCESS, UNAVAILABLE = (0, ""), (52, LATER)
SECRET_SHAPE = "abcdefghijklmnop"


@pytest.fixture(scope="module", autouse=True)
def people(standing_door):
    standing_door.add("dora", "disabled")
    standing_door.catch_up()


@contextmanager
def store_out_of_reach(door):
    file = door.gateway.folder / "wicketgate.db"
    file.rename(file.with_suffix(".elsewhere"))
    try:
        yield
    finally:
        file.with_suffix(".elsewhere").rename(file)
        until_fresh(door, True)


def until_fresh(door, wanted):
    end = time.monotonic() + 20
    while door.status()["feed_fresh"] is not wanted:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_without_a_store_only_who_is_remembered_gets_in_and_past_the_lease_nobody(door):
    with door.wire() as wire:
        assert wire.bind(person_dn("good"), door.good.secret) == SUCCESS
        with store_out_of_reach(door):
            assert door.bind(person_dn("good"), door.good.secret) == SUCCESS
            for name in (person_dn("new"), "new@example.test"):
                for password in (MAIN, SECRET_SHAPE):
                    assert door.bind(name, password) == UNAVAILABLE
            assert {line["reason"] for line in door.logins()} == {"", "store-unavailable"}
            until_fresh(door, False)
            door.begin()
            for name in ("good", "dora", "nobody"):
                for password in (door.good.secret, MAIN):
                    assert door.bind(person_dn(name), password) == UNAVAILABLE
            assert {line["reason"] for line in door.logins()} == {"feed-silent"}
            assert door.connections_at_slapd() == 0
            assert wire.who_am_i() == f"dn:{person_dn('good')}"
        # Who was in has stayed in: nothing was taken away meanwhile.
        assert wire.who_am_i() == f"dn:{person_dn('good')}"
    assert door.bind(person_dn("good"), door.good.secret) == SUCCESS
    assert door.bind(person_dn("dora"), MAIN) == SUCCESS


def test_hashes_beyond_the_queue_are_shed_with_52(door):
    slow = Argon2(memory_kib=64 * 1024, time_cost=2, parallelism=1)
    secrets = [door.give("dora", argon2=slow).secret for _ in range(5)]
    with ThreadPoolExecutor(len(secrets)) as pool:
        answers = list(pool.map(lambda secret: door.bind(person_dn("dora"), secret), secrets))
    assert set(answers) == {SUCCESS, UNAVAILABLE}
    assert {line["reason"] for line in door.logins()} == {"", "hashing-overloaded"}
    assert door.connections_at_slapd() == 0
    for secret in secrets:
        assert door.bind(person_dn("dora"), secret) == SUCCESS


def test_a_hash_that_cannot_be_checked_is_an_outage(door):
    given = door.give("dora")
    with door.people.database.write() as connection:
        connection.exec_driver_sql("UPDATE app_passwords SET hash = 'nonsense' WHERE id = ?", (given.id,))
    assert door.bind(person_dn("dora"), given.secret) == UNAVAILABLE
    assert door.connections_at_slapd() == 0
