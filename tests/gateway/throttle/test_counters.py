"""What the counters promise, whatever is guessed and when."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Throttle as Settings
from gateway.throttle import Held, Throttle
from gateway.throttle.counters import Counters
from store.budget import Budget, Limit, Standing

FAILURES, SECONDS, WRONG_SECONDS = 3, 100.0, 120.0
BUDGET = Budget("user 0 dora", (Limit(FAILURES, SECONDS),))
OTHER = Budget("source 192.0.2.1", (Limit(5, SECONDS),))
KEY = b"k" * 32
words = st.text("abcdef", min_size=1, max_size=2)
pauses = st.floats(0, 150)


class Clock:
    """Goes when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@given(st.lists(st.tuples(words, pauses), max_size=60))
def test_within_no_window_there_are_more_failures_than_allowed(attempts):
    clock, failed = Clock(), []
    counters = Counters(clock, WRONG_SECONDS)
    for word, pause in attempts:
        clock.now += pause
        if counters.take([BUDGET], word) is Standing.OPEN:
            counters.fail([BUDGET], word)
            failed.append(clock.now)
    for begin in failed:
        assert sum(begin <= at < begin + SECONDS for at in failed) <= FAILURES


@given(st.lists(words, max_size=30), st.integers(1, 200))
def test_guesses_at_the_same_time_are_no_more_than_allowed(guessed, room):
    counters = Counters(Clock(), WRONG_SECONDS)
    budget = Budget("user 0 dora", (Limit(room, SECONDS),))
    taken = {word for word in guessed if counters.take([budget], word) is Standing.OPEN}
    assert len(taken) == min(room, len(set(guessed)))
    for word in taken:
        counters.fail([budget], word)
    closed = counters.standing([budget], "another") is Standing.CLOSED
    assert closed == (len(taken) >= room)


@given(st.lists(words, min_size=1, max_size=FAILURES - 1, unique=True), st.lists(pauses, max_size=50))
def test_the_same_again_never_uses_a_budget_up(guessed, later):
    clock = Clock()
    counters = Counters(clock, WRONG_SECONDS)
    for pause in [0.0, *later]:
        clock.now += pause
        for word in guessed:
            if counters.take([BUDGET], word) is Standing.OPEN:
                counters.fail([BUDGET], word)
            assert counters.standing([BUDGET], word) is Standing.REPEATED
    assert counters.standing([BUDGET], "another") is Standing.OPEN


@given(st.lists(words, max_size=20))
def test_what_is_withdrawn_leaves_nothing(guessed):
    counters = Counters(Clock(), WRONG_SECONDS)
    for word in guessed:
        assert counters.take([BUDGET, OTHER], word) is Standing.OPEN
        counters.withdraw([BUDGET, OTHER], word)
    assert len(counters) == 0


@given(st.lists(words, min_size=1, max_size=FAILURES, unique=True))
def test_what_was_wrong_before_still_counts_when_nobody_can_judge_it_again(guessed):
    clock = Clock()
    counters = Counters(clock, wrong_seconds=10.0)
    for word in guessed:
        counters.take([BUDGET], word)
        counters.fail([BUDGET], word)
    clock.now += 11
    for word in guessed:
        if counters.take([BUDGET], word) is Standing.OPEN:
            counters.withdraw([BUDGET], word)
    assert len(counters) == len(guessed)
    closed = counters.standing([BUDGET], "another") is Standing.CLOSED
    assert closed == (len(guessed) == FAILURES)


@given(
    st.lists(words, max_size=FAILURES, unique=True),
    st.lists(st.text("xyz", min_size=3), max_size=4, unique=True),
)
def test_who_is_forgiven_takes_along_no_failure_of_others(own, others):
    counters = Counters(Clock(), WRONG_SECONDS)
    for mark in others:
        counters.fail([OTHER], mark)
    for mark in own:
        counters.fail([BUDGET, OTHER], mark)
    counters.forgive(BUDGET, [OTHER], "right")
    assert counters.standing([BUDGET], "another") is Standing.OPEN
    assert len(counters) == len(others)


@given(st.lists(st.tuples(words, words), max_size=200))
def test_the_memory_is_bounded(attempts):
    counters = Counters(Clock(), WRONG_SECONDS, most=10)
    for name, word in attempts:
        budget = Budget(f"user 0 {name}", (Limit(FAILURES, SECONDS),))
        counters.fail([budget], word)
        assert len(counters) <= 10
        assert counters.take([budget], word) is not Standing.BUSY


def test_a_budget_opens_again_when_its_failures_are_old_enough():
    clock = Clock()
    counters = Counters(clock, WRONG_SECONDS)
    for word in "abc":
        counters.fail([BUDGET], word)
        clock.now += 10
    assert counters.standing([BUDGET], "d") is Standing.CLOSED
    clock.now += SECONDS - 30
    assert counters.standing([BUDGET], "d") is Standing.OPEN


def test_the_same_again_does_not_keep_a_budget_used_up():
    clock = Clock()
    counters = Counters(clock, WRONG_SECONDS)
    for word, pause in (("a", 0), ("b", 0), ("a", 60), ("c", 0), ("d", 41)):
        clock.now += pause
        if counters.take([BUDGET], word) is Standing.OPEN:
            counters.fail([BUDGET], word)
    assert counters.standing([BUDGET], "e") is Standing.OPEN


async def wrong(throttle, user, address, secret="guess"):
    """Whether the guess could be made. It was wrong."""
    guess = throttle.guess(user, user, 0, ip_address(address), secret.encode())
    taken = await throttle.take(guess)
    if not isinstance(taken, Held):
        throttle.wrong(taken)
    return not isinstance(taken, Held)


async def test_bf_05_a_site_with_many_ipv6_networks_is_limited_too():
    throttle = Throttle(Settings(), Clock(), KEY)
    made = [await wrong(throttle, f"user{number}", f"2001:db8:7:{number:x}::1") for number in range(210)]
    assert made == [True] * 200 + [False] * 10
    assert await wrong(throttle, "somebody", "2001:db8:8::1")


async def test_bf_05_ipv4_neighbours_are_not_taken_for_one():
    throttle = Throttle(Settings(), Clock(), KEY)
    for number in range(20):
        assert await wrong(throttle, f"user{number}", "192.0.2.1")
    assert not await wrong(throttle, "user", "192.0.2.1")
    assert await wrong(throttle, "user", "192.0.2.2")


async def test_bf_05_behind_nat64_each_address_of_ipv4_is_a_source():
    throttle = Throttle(Settings(), Clock(), KEY)
    for number in range(20):
        assert await wrong(throttle, f"user{number}", "64:ff9b::192.0.2.1")
    assert not await wrong(throttle, "user", "64:ff9b::192.0.2.1")
    assert await wrong(throttle, "user", "64:ff9b::192.0.2.2")


@pytest.mark.parametrize(("processes", "each"), [(1, 100), (3, 33), (100, 1), (256, 1)])
def test_processes_that_count_by_themselves_share_what_a_user_may_fail(processes, each):
    assert Settings().for_each_of(processes).failures_per_user == each
    assert Settings(failures_per_user=0).for_each_of(processes).failures_per_user == 0
