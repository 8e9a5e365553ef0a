"""What a flood of guesses at other names makes the throttle forget: nothing that is nearly used up."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from hypothesis import given
from hypothesis import strategies as st

from config import Throttle as Settings
from gateway.throttle import Held, Throttle
from gateway.throttle.counters import Counters
from gateway.throttle.known import KnownSources
from store.budget import Budget, Count, Limit, Standing
from tests.gateway.throttle.test_counters import KEY, Clock

VICTIM = "dora@example.test"
FLOOD = 40_000  # guesses; 33,000 were enough for budgets to be forgotten by age
WRONG_SECONDS = 300.0


async def guessed(throttle, user, address, secret="guess", *, right=False):
    """Why the guess could not be made; None where it could."""
    guess = throttle.guess(user, user, 0, ip_address(address), secret.encode())
    taken = await throttle.take(guess)
    if isinstance(taken, Held):
        return taken
    (throttle.right if right else throttle.wrong)(taken)
    return None


def botnet(count, guesses_each=15):
    """Addresses, each for so many guesses."""
    first = int(IPv4Address("10.0.0.0"))
    return (str(IPv4Address(first + number // guesses_each)) for number in range(count))


async def flood(throttle, count=FLOOD):
    for number, address in enumerate(botnet(count)):
        await guessed(throttle, f"other{number}@example.test", address)


async def test_bf_10_a_flood_of_other_names_forgets_no_used_up_budget():
    throttle = Throttle(Settings(), Clock(), KEY)
    victims = {"nearly@example.test": 99, "half@example.test": 50, "begun@example.test": 20}
    for user, failures in victims.items():
        for number in range(failures):
            assert await guessed(throttle, user, f"192.0.{number}.1", f"guess {number}") is None
    for number in range(17):
        assert await guessed(throttle, f"user{number}@example.test", "192.0.1.1") is None
    await flood(throttle)
    for user, failures in victims.items():
        told = [
            await guessed(throttle, user, f"198.51.{number}.1", f"more {number}") for number in range(100)
        ]
        assert told.count(None) == 100 - failures
    assert await guessed(throttle, VICTIM, "192.0.1.1") is Held.TOO_MANY


async def test_bf_10_nor_what_other_nodes_have_counted():
    clock = Clock()
    counters = Counters(clock, WRONG_SECONDS)
    victim = Budget(f"user 0 {VICTIM}", (Limit(100, 86400.0),))
    counters.hear([victim], [Count(100, 86400.0)])
    for number in range(FLOOD * 3):
        counters.hear([Budget(f"user 0 other{number}", victim.limits)], [Count(1, 86400.0)])
    assert counters.standing([victim], "guess") is Standing.CLOSED


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 40)), max_size=60))
def test_bf_10_the_memory_is_bounded_whatever_fills_it(filling):
    counters = Counters(Clock(), WRONG_SECONDS, most=50)
    for name, failures in filling:
        budget = Budget(f"user 0 {name}", (Limit(20, 100.0),))
        for number in range(failures):
            counters.fail([budget], f"{number}")
            assert len(counters) <= 50


def _full_of_used_up(clock, most=1000):
    counters = Counters(clock, WRONG_SECONDS, most=most)
    number = 0
    while not counters.is_full:
        budget = Budget(f"user 0 other{number}", (Limit(10, 600.0),))
        for word in range(10):
            counters.fail([budget], f"{word}")
        number += 1
    return counters


def test_bf_10_newcomers_are_counted_though_all_else_is_used_up():
    counters = _full_of_used_up(Clock())
    newcomer = Budget("user 0 newcomer", (Limit(10, 600.0),))
    for word in range(10):
        assert counters.take([newcomer], f"{word}") is Standing.OPEN
        counters.fail([newcomer], f"{word}")
    assert counters.standing([newcomer], "another") is Standing.CLOSED
    assert len(counters) <= 1000


def test_bf_10_what_counts_no_more_makes_room_first():
    clock = Clock()
    counters = _full_of_used_up(clock)
    clock.now += 601
    fresh = [Budget(f"user 0 fresh{number}", (Limit(10, 600.0),)) for number in range(80)]
    for budget in fresh:
        for word in range(10):
            counters.fail([budget], f"{word}")
    assert all(counters.standing([budget], "x") is Standing.CLOSED for budget in fresh)


async def test_bf_11_when_memory_is_full_sources_that_failed_may_not_try_new_names():
    throttle = Throttle(Settings(), Clock(), KEY)
    assert await guessed(throttle, "in@example.test", "198.51.100.1", right=True) is None
    assert await guessed(throttle, "other@example.test", "198.51.100.2") is None
    first = int(IPv4Address("10.0.0.0"))
    for number in range(3_300):  # each uses up the budget of one name with one address
        name, address = f"other{number}@example.test", str(IPv4Address(first + number))
        for word in range(10):
            await guessed(throttle, name, address, f"{word}")
    assert await guessed(throttle, "more@example.test", "10.0.0.1") is Held.TOO_MANY
    assert await guessed(throttle, "more@example.test", "198.51.100.2") is Held.TOO_MANY
    assert await guessed(throttle, "other@example.test", "198.51.100.2", "another") is None
    assert await guessed(throttle, "more@example.test", "198.51.100.3", right=True) is None
    assert await guessed(throttle, "in@example.test", "198.51.100.1") is None


def test_bf_12_a_user_with_many_sources_pushes_nobody_elses_out():
    known = KnownSources(Clock())
    known.learn(f"192.0.2.1 {VICTIM}")
    first = int(IPv6Address("2001:db8::"))
    for number in range(60_000):
        known.learn(f"{IPv6Address(first + (number << 64))} mallory@example.test")
    assert f"192.0.2.1 {VICTIM}" in known
    assert f"{IPv6Address(first + (59_999 << 64))} mallory@example.test" in known


async def test_bf_13_a_known_place_has_a_larger_budget_and_not_none():
    throttle = Throttle(Settings(), Clock(), KEY)
    users = [f"colleague{number}@example.test" for number in range(30)]
    for user in users:
        assert await guessed(throttle, user, "192.0.2.1", "right", right=True) is None
    told = [
        await guessed(throttle, user, "192.0.2.1", f"guess {number}")
        for user in users
        for number in range(10)
    ]
    assert told.count(None) == 200
    assert set(told[200:]) == {Held.TOO_MANY}
    assert await guessed(throttle, "somebody@example.test", "192.0.2.1") is None


async def test_bf_13_what_strangers_use_up_is_not_the_known_places():
    throttle = Throttle(Settings(), Clock(), KEY)
    assert await guessed(throttle, VICTIM, "192.0.2.1", "right", right=True) is None
    for number in range(20):
        assert await guessed(throttle, f"user{number}@example.test", "192.0.2.1") is None
    assert await guessed(throttle, "another@example.test", "192.0.2.1") is Held.TOO_MANY
    assert await guessed(throttle, VICTIM, "192.0.2.1", "right", right=True) is None
