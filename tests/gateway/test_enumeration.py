"""A stranger learns nothing about an account from a refusal: not by its words, and not by its moment."""

import asyncio
import itertools
import random
from statistics import NormalDist

import pytest

from tests.gateway.site import PORTAL, REFUSAL, UNAVAILABLE
from tests.gateway.strangers import kinds_of_refusal
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUSAL_SECONDS = 1.0
BACKEND_SECONDS = 0.3
# All clients come from one address here, more than one may have waiting before a login.
SETTINGS = f"""
[policy]
portal_url = "{PORTAL}"
[limits]
strangers_per_source = 1000
refusal_seconds = {REFUSAL_SECONDS}
failed_logins = 100
preauth_seconds = 120
[throttle]
window_seconds = 600
"""
ATTEMPTS = 400  # of each kind
CONNECTIONS = 340
FALSE_ALARM = 1e-6  # of the whole test


@pytest.fixture(scope="module")
def commands(standing_site):
    return kinds_of_refusal(standing_site.people)


def make_backend_refuse_slowly(site):
    site.backend.passwords = {}
    site.backend.login_delay = BACKEND_SECONDS


async def attempt(client, line):
    """The answer, and the seconds until it came."""
    begin = asyncio.get_running_loop().time()
    await client.send(line + b"\r\n")
    answer = await client.line()
    return answer, asyncio.get_running_loop().time() - begin


async def test_enum_01_every_final_refusal_has_the_same_bytes(site, commands):
    make_backend_refuse_slowly(site)
    clients = [await site.connect() for _ in commands]
    attempts = (
        attempt(client, b"a " + command) for client, command in zip(clients, commands.values(), strict=True)
    )
    answers = await asyncio.gather(*attempts)
    assert {kind: answer for kind, (answer, _) in zip(commands, answers, strict=True)} == dict.fromkeys(
        commands, b"a " + REFUSAL
    )


async def test_enum_01_the_same_by_every_way_to_log_in(site):
    make_backend_refuse_slowly(site)
    ways = [
        b"a LOGIN nobody@kinds.test pw",
        b"a LOGIN {17+}\r\nnobody@kinds.test {2+}\r\npw",
        b"a AUTHENTICATE PLAIN AG5vYm9keUBraW5kcy50ZXN0AHB3",
    ]
    attempts = [attempt(await site.connect(), way) for way in ways]
    client = await site.connect()
    await client.send(b"a AUTHENTICATE LOGIN bm9ib2R5QGtpbmRzLnRlc3Q=\r\n")
    assert (await client.line()).startswith(b"+ ")
    attempts.append(attempt(client, b"cHc="))
    assert {answer for answer, _ in await asyncio.gather(*attempts)} == {b"a " + REFUSAL}


async def test_enum_02_the_moment_of_a_refusal_tells_nothing(site, commands):
    make_backend_refuse_slowly(site)
    # Who sends two kilobytes knows it, and that it takes longer to read tells nothing of any account.
    kinds = {kind: command for kind, command in commands.items() if kind != "too long"}
    seconds = await measured(site, kinds)
    assert {kind: len(taken) for kind, taken in seconds.items()} == dict.fromkeys(kinds, ATTEMPTS)
    pairs = list(itertools.combinations(kinds, 2))
    bound = largest_by_chance(ATTEMPTS, FALSE_ALARM / len(pairs))
    told_apart = {
        pair: area for pair in pairs if (area := area_under_curve(*(seconds[kind] for kind in pair))) > bound
    }
    assert not told_apart, f"above {bound:.3f}: {told_apart}"


IN_AN_OUTAGE = ("app password required", "unknown user", "blocked", "passed through, slow backend")


@pytest.mark.parametrize("verb", ["GREETING", "LOGIN"])
async def test_enum_06_nor_does_the_moment_while_the_backend_is_down(site, commands, verb):
    for one in {verb, "AUTHENTICATE" if verb == "LOGIN" else verb}:
        site.backend.script[one] = Reply(then=Then.SILENCE if verb == "LOGIN" else Then.RESET)
    # Of what was wrong a moment ago, the backend isn't asked.
    kinds = {kind: commands[kind].replace(b"Main", b"Another") for kind in IN_AN_OUTAGE}
    client = await site.connect()
    async with asyncio.timeout(60):
        while (await attempt(client, b"a " + kinds["unknown user"]))[0] != b"a " + UNAVAILABLE:
            await attempt(await site.connect(), b"a " + kinds["passed through, slow backend"])
    seconds = await measured(site, kinds, UNAVAILABLE)
    pairs = list(itertools.combinations(kinds, 2))
    bound = largest_by_chance(ATTEMPTS, FALSE_ALARM / len(pairs))
    told_apart = {
        pair: area for pair in pairs if (area := area_under_curve(*(seconds[kind] for kind in pair))) > bound
    }
    assert not told_apart, f"above {bound:.3f}: {told_apart}"


async def measured(site, commands, answered=REFUSAL):
    """The seconds that each kind took, all kinds mixed at every moment."""
    decks = [random.sample(list(commands), len(commands)) for _ in range(ATTEMPTS)]
    todo = iter([kind for deck in decks for kind in deck])
    seconds = {kind: [] for kind in commands}

    async def work(client):
        # Each begins at a moment of its own, so that no two keep meeting.
        await asyncio.sleep(random.random() * REFUSAL_SECONDS)
        for kind in todo:
            answer, taken = await attempt(client, b"a " + commands[kind])
            assert answer == b"a " + answered
            seconds[kind].append(taken)

    clients = [await site.connect() for _ in range(CONNECTIONS)]
    await asyncio.gather(*map(work, clients))
    return seconds


def area_under_curve(one, other):
    """How well the two can be told apart (Mann-Whitney): 0.5 not at all, 1.0 each time."""
    ranks = {value: rank for rank, value in enumerate(sorted([*one, *other]))}
    wins = sum(ranks[value] for value in one) - len(one) * (len(one) - 1) / 2
    area = wins / (len(one) * len(other))
    return max(area, 1 - area)


def largest_by_chance(count, probability):
    """What the area of two equal samples of `count` exceeds with this probability only."""
    deviation = ((2 * count + 1) / (12 * count * count)) ** 0.5
    return 0.5 + NormalDist().inv_cdf(1 - probability / 2) * deviation
