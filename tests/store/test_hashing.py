"""argon2id within bounds, counted, in threads that own their permits."""

import time
from concurrent.futures import CancelledError
from threading import Event, current_thread

import pytest

from store.hashing import Argon2, UnusableHash
from store.hashing_threads import HashingThreads, Overloaded

STORED = "$argon2id$v=19$m={m},t={t},p={p}$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43


@pytest.fixture
def threads():
    threads = HashingThreads(threads=2, queue=3)
    yield threads
    threads.close()


def soon():
    return time.monotonic() + 60


def test_a_hash_verifies_its_own_bytes_only_and_every_run_is_counted(argon2):
    stored = argon2.hash(b"seasoned")
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert argon2.verify(stored, b"seasoned")
    assert not argon2.verify(stored, b"other")
    assert argon2.runs == 3


def test_a_hash_of_another_cost_still_verifies_and_is_outdated(argon2):
    dearer = Argon2(memory_kib=16, time_cost=2, parallelism=1)
    stored = argon2.hash(b"seasoned")
    assert dearer.verify(stored, b"seasoned")
    assert dearer.outdated(stored)
    assert not argon2.outdated(stored)


@pytest.mark.parametrize(
    "stored",
    [
        STORED.format(m=4 * 1024 * 1024, t=1, p=1),
        STORED.format(m=2**31, t=1, p=1),
        STORED.format(m=64, t=2**31, p=1),
        STORED.format(m=1024, t=1, p=128),
        STORED.format(m=-1, t=1, p=1),
        STORED.format(m=8, t=1, p=1).replace("argon2id", "argon2i"),
        STORED.format(m=8, t=1, p=1) + "A" * 1000,
        "$2b$12$abcdefghijklmnopqrstuv",
        "",
    ],
)
def test_dos_06_a_stored_hash_out_of_bounds_is_rejected_and_never_runs(argon2, stored):
    with pytest.raises(UnusableHash):
        argon2.verify(stored, b"seasoned")
    with pytest.raises(UnusableHash):
        argon2.outdated(stored)
    assert argon2.runs == 0


def test_a_result_and_an_exception_reach_the_future(threads):
    assert threads.submit(lambda number: number + 1, 1, deadline=soon()).result() == 2
    assert threads.submit(lambda: current_thread().name, deadline=soon()).result().startswith("hashing-")
    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 // 0, deadline=soon()).result()


def test_what_does_not_fit_into_the_queue_is_shed_at_once(threads):
    go = Event()
    accepted = [threads.submit(go.wait, deadline=soon()) for _ in range(5)]
    shed = threads.submit(go.wait, deadline=soon())
    assert isinstance(shed.exception(), Overloaded)
    go.set()
    assert [future.result() for future in accepted] == [True] * 5
    assert threads.submit(go.wait, deadline=soon()).result()
    assert (threads.waiting, threads.running) == (0, 0)


def test_a_job_whose_deadline_passed_never_begins(threads):
    begun = []
    late = threads.submit(begun.append, 1, deadline=time.monotonic() - 1)
    assert isinstance(late.exception(), Overloaded)
    assert begun == []


def test_dos_05_abandoned_hashes_free_no_permit_early_and_leak_none(threads):
    go, started = Event(), [Event(), Event()]

    def hold(event):
        event.set()
        return go.wait()

    holding = [threads.submit(hold, event, deadline=soon()) for event in started]
    assert all(event.wait(10) for event in started)
    assert not any(future.cancel() for future in holding)
    ran = []
    for number in range(10_000):
        threads.submit(ran.append, number, deadline=soon()).cancel()
        assert threads.running == 2
        assert threads.waiting <= 3
    patient = threads.submit(ran.append, "patient", deadline=soon())
    go.set()
    patient.result()
    assert [future.result() for future in holding] == [True, True]
    assert ran == ["patient"]
    assert (threads.waiting, threads.running) == (0, 0)


def test_cancelled_jobs_make_room_for_new_ones(threads):
    go, begun = Event(), Event()
    holding = [threads.submit(lambda: (begun.set(), go.wait()), deadline=soon()) for _ in range(2)]
    assert begun.wait(10)
    lost = [threads.submit(go.wait, deadline=soon()) for _ in range(3)]
    assert all(future.cancel() for future in lost)
    wanted = [threads.submit(go.wait, deadline=soon()) for _ in range(3)]
    go.set()
    assert all(future.result() for future in wanted + holding)
    with pytest.raises(CancelledError):
        lost[0].result()


def test_jobs_that_wait_past_their_deadline_make_room_for_new_ones(threads):
    go = Event()
    holding = [threads.submit(go.wait, deadline=soon()) for _ in range(2)]
    late = [threads.submit(go.wait, deadline=time.monotonic()) for _ in range(3)]
    wanted = [threads.submit(go.wait, deadline=soon()) for _ in range(3)]
    assert all(isinstance(future.exception(timeout=10), Overloaded) for future in late)
    go.set()
    assert all(future.result() for future in holding + wanted)


def test_close_sheds_what_waits_and_lets_what_runs_end():
    threads = HashingThreads(threads=1, queue=1)
    go, begun = Event(), Event()
    running = threads.submit(lambda: (begun.set(), go.wait()), deadline=soon())
    assert begun.wait(10)
    waiting = threads.submit(go.wait, deadline=soon())
    waiting.add_done_callback(lambda future: go.set())
    threads.close()
    assert isinstance(waiting.exception(), Overloaded)
    assert running.result() == (None, True)
    assert isinstance(threads.submit(go.wait, deadline=soon()).exception(), Overloaded)
