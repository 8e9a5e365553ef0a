"""The same wrong password again and again: the backend hears of it once, and locks nobody's account."""

import asyncio
import random
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Throttle as Settings
from gateway.throttle import Held, Throttle
from tests.gateway.site import MAIN, REFUSAL
from tests.gateway.throttle import guessing
from tests.gateway.throttle.guessing import (
    GATEWAY,
    THROTTLED,
    header,
    heard,
    told,
    told_at_once,
    told_in_turn,
)
from tests.gateway.throttle.test_counters import KEY, Clock
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = guessing.SETTINGS
BUDGET, WINDOW = 10, 600.0  # failures_per_user_and_source, window_seconds


@pytest.fixture
def dora(site, request):
    """A user whose main password the backend knows."""
    login = site.people.add(f"dora{abs(hash(request.node.name))}@example.test", "disabled")
    site.backend.passwords = {login: MAIN, **GATEWAY}
    return login


async def test_bf_08_of_one_wrong_password_500_times_the_backend_hears_once(site, dora):
    assert set(await told_in_turn(site, [(dora, "wrong", "192.0.2.1")] * 100)) == {REFUSAL}
    assert set(await told_at_once(site, [(dora, "wrong", "192.0.2.1")] * 400)) == {REFUSAL}
    assert heard(site, dora) == ["wrong"]


async def test_bf_08_nor_does_it_hear_more_when_all_come_at_once(site, dora):
    site.backend.login_delay = 0.2
    assert set(await told_at_once(site, [(dora, "wrong", "192.0.2.2")] * 100)) == {REFUSAL}
    assert heard(site, dora) == ["wrong"]


@pytest.mark.parametrize("seed", range(6))
async def test_bf_08_whatever_is_tried_it_hears_no_more_than_the_budget(site, dora, seed):
    chance = random.Random(seed)
    site.backend.login_delay = 0.01
    attempts = [(dora, f"word {chance.randrange(16)}", f"192.0.2.{100 + seed}") for _ in range(80)]
    begin = chance.randrange(80)
    told_of = await told_in_turn(site, attempts[:begin]) + await told_at_once(site, attempts[begin:])
    assert set(told_of) <= {REFUSAL, THROTTLED}
    assert len(heard(site, dora)) == min(BUDGET, len({word for _, word, _ in attempts}))


async def test_bf_08_the_right_one_many_times_at_once_is_let_in_each_time(site, dora):
    site.backend.login_delay = 0.1
    answers = await told_at_once(site, [(dora, MAIN, "192.0.2.4")] * 30)
    assert all(answer.startswith(b"OK ") for answer in answers)


async def test_bf_16_who_leaves_before_the_yes_is_not_taken_for_wrong(site, dora):
    site.backend.login_delay = 0.2
    client = await site.connect("third", first=header("192.0.2.5"))
    await client.send(f'a LOGIN {dora} "{MAIN}"\r\n'.encode())
    await site.backend.connected()
    client.abort()
    await site.until_status(not_logged_in=0)
    assert (await told(site, dora, MAIN, "192.0.2.5")).startswith(b"OK ")


async def test_bf_08_unlock_lets_a_password_be_tried_that_was_wrong(site, dora):
    assert await told(site, dora, "the new one", "192.0.2.6") == REFUSAL
    site.backend.passwords = {dora: "the new one", **GATEWAY}
    assert await told(site, dora, "the new one", "192.0.2.6") == REFUSAL
    site.gateway.run("user", "unlock", dora)
    async with asyncio.timeout(20):  # until the gateway has followed the change
        while (answer := await told(site, dora, "the new one", "192.0.2.6")) == REFUSAL:
            pass
    assert answer.startswith(b"OK ")


async def test_bf_08_what_no_backend_could_judge_is_asked_again(site, dora):
    for verb in ("LOGIN", "AUTHENTICATE"):
        site.backend.script[verb] = Reply(then=Then.CLOSE)
    assert await told(site, dora, MAIN, "192.0.2.7") != REFUSAL
    site.backend.script.clear()
    assert (await told(site, dora, MAIN, "192.0.2.7")).startswith(b"OK ")


async def test_bf_09_a_repeat_looks_like_every_other_refusal(site, dora):
    """In its bytes, in its reason in the log, and not before the refusal's moment."""
    enforced = site.people.add(f"enforced-{dora}", "enforced")
    for name in (dora, enforced, "nobody@example.test"):
        assert await told_in_turn(site, [(name, "wrong", "192.0.2.8")] * 3) == [REFUSAL] * 3
    reasons = [line["reason"] for line in site.logins()]
    assert reasons == ["backend-refused"] * 3 + ["app-password-required"] * 3 + ["unknown-user"] * 3


async def ask(throttle, word, known):
    """Whether the backend is asked; it takes the words that are `known`."""
    guess = throttle.guess("dora", "dora", 1, ip_address("192.0.2.1"), word.encode())
    taken = await throttle.take(guess)
    if isinstance(taken, Held):
        return False
    (throttle.right if word in known else throttle.wrong)(taken)
    return True


words = st.sampled_from([f"word {number}" for number in range(14)])


@given(st.lists(st.tuples(words, st.floats(0, 200)), max_size=80))
async def test_bf_08_within_no_window_the_backend_hears_more_than_the_budget(attempts):
    clock, asked = Clock(), []
    throttle = Throttle(Settings(), clock, KEY)
    for word, pause in attempts:
        clock.now += pause
        if await ask(throttle, word, ()):
            asked.append(clock.now)
    for begin in asked:
        assert sum(begin <= at < begin + WINDOW for at in asked) <= BUDGET


@pytest.mark.parametrize("window", [1.0, 600.0, 3600.0])
async def test_bf_08_a_password_that_was_wrong_may_be_right_some_minutes_later(window):
    clock, settings = Clock(), Settings(window_seconds=window)
    throttle = Throttle(settings, clock, KEY)
    assert await ask(throttle, "the new one", ())
    clock.now += max(300.0, window) - 0.001
    assert not await ask(throttle, "the new one", ("the new one",))
    clock.now += 0.001
    assert await ask(throttle, "the new one", ("the new one",))
    assert await ask(throttle, "the new one", ("the new one",))
