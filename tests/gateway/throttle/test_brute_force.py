"""Guessing passwords, in one process: so many are allowed, and no rightful user is locked out."""

import asyncio
from collections import Counter

import pytest

from tests.gateway.site import MAIN, QUICK, REFUSAL, open_site
from tests.gateway.throttle import guessing
from tests.gateway.throttle.guessing import (
    GATEWAY,
    PROXIED,
    THROTTLED,
    guesses,
    heard,
    told,
    told_at_once,
    told_in_turn,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = guessing.SETTINGS
UNHURRIED = QUICK.replace("0.05", "2") + guessing.THROTTLE + PROXIED


@pytest.fixture
def dora(site, request):
    """A user whose main password the backend knows."""
    login = site.people.add(f"dora{abs(hash(request.node.name))}@example.test", "disabled")
    site.backend.passwords = {login: MAIN, **GATEWAY}
    return login


def botnet(user, count, sources=200):
    """Guesses from so many addresses of 10.0.0.0/8."""
    return [(user, f"guess {number}!", f"10.1.{number % sources}.1") for number in range(count)]


async def test_bf_01_of_guesses_from_everywhere_the_backend_hears_a_hundred(site, dora):
    site.backend.login_delay = 0.05
    answers = Counter(await told_at_once(site, botnet(dora, 300)))
    assert answers == {REFUSAL: 100, THROTTLED: 200}
    assert len(heard(site, dora)) == 100


async def test_bf_01_the_attacked_user_gets_in_by_an_app_password(site, dora):
    given = site.people.give(dora)
    assert THROTTLED in await told_at_once(site, botnet(dora, 120))
    answers = await told_at_once(
        site, [(dora, given.secret, f"10.1.{number}.1") for number in range(0, 200, 10)]
    )
    assert all(answer.startswith(b"OK ") for answer in answers)


async def test_bf_01_the_attacked_user_gets_in_by_the_main_password_from_a_place_of_before(site, dora):
    assert (await told(site, dora, MAIN, "192.0.2.1")).startswith(b"OK ")
    assert THROTTLED in await told_at_once(site, botnet(dora, 120))
    for _ in range(3):
        assert (await told(site, dora, MAIN, "192.0.2.1")).startswith(b"OK ")
    assert await told(site, dora, MAIN, "192.0.2.2") == THROTTLED


async def test_bf_01_an_app_password_makes_a_place_known_too(site, dora):
    given = site.people.give(dora)
    assert (await told(site, dora, given.secret, "192.0.2.3")).startswith(b"OK ")
    assert THROTTLED in await told_at_once(site, botnet(dora, 120))
    assert (await told(site, dora, MAIN, "192.0.2.3")).startswith(b"OK ")


async def test_bf_01_a_place_of_before_is_no_place_to_guess_from(site, dora):
    assert (await told(site, dora, MAIN, "192.0.2.4")).startswith(b"OK ")
    answers = await told_in_turn(site, guesses(dora, "192.0.2.4", 12))
    assert answers == [REFUSAL] * 10 + [THROTTLED] * 2
    assert len(heard(site, dora)) == 11


async def test_bf_01_the_right_guess_is_no_better_than_any_other_once_there_were_too_many(site, dora):
    await told_in_turn(site, guesses(dora, "192.0.2.5", 10))
    assert await told(site, dora, MAIN, "192.0.2.5") == THROTTLED
    assert MAIN not in heard(site, dora)


async def test_bf_01_who_leaves_before_the_answer_has_guessed_all_the_same(site, dora):
    site.backend.login_delay = 0.2
    clients = [await site.connect("third", first=guessing.header("192.0.2.6")) for _ in range(10)]
    for number, client in enumerate(clients):
        await client.send(f'a LOGIN {dora} "guess {number}"\r\n'.encode())
        client.abort()
    await site.until_status(not_logged_in=0)
    assert await told(site, dora, "another guess", "192.0.2.6") == THROTTLED


async def test_bf_02_one_source_may_guess_at_twenty_users(site):
    users = [site.people.add(f"spray{number}@example.test", "disabled") for number in range(40)]
    names = [*users, *(f"nobody{number}@example.test" for number in range(40))]
    site.backend.passwords, site.backend.login_delay = GATEWAY, 0.05
    answers = Counter(await told_at_once(site, [(name, "Summer2026!", "192.0.2.10") for name in names]))
    assert answers == {REFUSAL: 20, THROTTLED: 60}
    assert len(site.backend.connections) <= 20
    assert await told(site, users[0], "Summer2026!", "192.0.2.11") == REFUSAL


async def test_bf_02_colleagues_behind_the_same_address_get_in(site, dora):
    """Those who were in before from there, by the main password; everybody by an app password."""
    newcomer = site.people.add("newcomer@example.test", "disabled")
    assert (await told(site, dora, MAIN, "192.0.2.12")).startswith(b"OK ")
    spray = [(f"nobody{number}@example.test", "Summer2026!", "192.0.2.12") for number in range(30)]
    assert THROTTLED in await told_in_turn(site, spray)
    assert (await told(site, dora, MAIN, "192.0.2.12")).startswith(b"OK ")
    assert await told(site, newcomer, MAIN, "192.0.2.12") == THROTTLED
    given = site.people.give(newcomer)
    assert (await told(site, newcomer, given.secret, "192.0.2.12")).startswith(b"OK ")


async def test_bf_02_a_login_of_ones_own_forgives_no_guess_at_others(site, dora):
    for round_number in range(3):
        spray = [(f"victim{round_number}-{number}@example.test", "x", "192.0.2.13") for number in range(6)]
        assert await told_in_turn(site, spray) == [REFUSAL] * 6
        assert (await told(site, dora, MAIN, "192.0.2.13")).startswith(b"OK ")
    spray = [(f"victim{number}@example.test", "x", "192.0.2.13") for number in range(4)]
    assert await told_in_turn(site, spray) == [REFUSAL] * 2 + [THROTTLED] * 2


async def test_bf_04_a_phone_with_an_old_password_counts_once(site, dora):
    phone = [(dora, "the old password", "192.0.2.20")] * 100
    assert set(await told_at_once(site, phone)) == {REFUSAL}
    assert (await told(site, dora, MAIN, "192.0.2.20")).startswith(b"OK ")


async def test_bf_04_nor_do_several_phones_lock_an_office_out(site, dora):
    office = [(f"colleague{number}@example.test", "old", "192.0.2.21") for number in range(15)]
    assert set(await told_at_once(site, office * 4)) == {REFUSAL}
    assert (await told(site, dora, MAIN, "192.0.2.21")).startswith(b"OK ")


async def test_bf_04_who_gets_it_right_at_last_starts_afresh(site, dora):
    for word in ("one", "two", "three"):
        assert set(await told_in_turn(site, guesses(dora, "192.0.2.22", 9, word))) == {REFUSAL}
        assert (await told(site, dora, MAIN, "192.0.2.22")).startswith(b"OK ")


async def test_bf_05_all_addresses_of_one_ipv6_network_are_one_source(site, dora):
    attempts = [(dora, f"guess {number}", f"2001:db8:0:1::{number:x}") for number in range(12)]
    assert await told_in_turn(site, attempts) == [REFUSAL] * 10 + [THROTTLED] * 2
    assert await told(site, dora, "guess", "2001:db8:0:1:ffff:ffff:ffff:ffff") == THROTTLED
    assert await told(site, dora, "guess", "2001:db8:0:2::1") == REFUSAL


async def test_bf_06_a_throttled_client_holds_nothing_while_it_waits(tmp_path, authority):
    async with open_site(tmp_path, UNHURRIED, authority) as site:
        dora = site.people.add("dora@example.test", "disabled")
        site.backend.passwords = {dora: MAIN, **GATEWAY}
        await told_at_once(site, guesses(dora, "192.0.2.30", 10))
        site.backend.connections.clear()
        waiting = asyncio.ensure_future(told_at_once(site, guesses(dora, "192.0.2.30", 40, "more")))
        await site.until_status(not_logged_in=40)
        before = site.status()
        assert (before["hashes_running"], before["hashes_waiting"]) == (0, 0)
        assert site.backend.connections == []
        await site.lets_a_good_login_in()
        assert not waiting.done()
        assert set(await waiting) == {THROTTLED}
        assert heard(site, dora) == []
