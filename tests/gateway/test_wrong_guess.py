"""What a login costs: one argon2 run at the most, and none for a wrong guess."""

import asyncio

import pytest

from store.hashing import Argon2
from tests.gateway.site import QUICK, REFUSAL, open_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = QUICK + "failed_logins = 100\n"
SLOW_KIB = 96 * 1024


@pytest.fixture
def fritz(site, request):
    """A user with forty app passwords, and their secrets."""
    login = site.people.add(f"{abs(hash(request.node.name))}@example.test", "enforced")
    return login, [site.people.give(login, f"device {number}").secret for number in range(40)]


class Runs:
    """Counts argon2 runs from here on."""

    def __init__(self, site):
        self._site, self._before = site, site.status()["argon2_runs"]

    @property
    def count(self):
        return self._site.status()["argon2_runs"] - self._before


async def test_a_wrong_guess_runs_no_argon2(site, fritz):
    login, _ = fritz
    runs = Runs(site)
    client = await site.connect()
    for _ in range(20):
        assert await client.login(login, site.people.wrong_guess(login)) == b"a " + REFUSAL
    for wrong in ("", "a main password", "abcdefghijklmno", "abcdefghijklmnopq"):
        assert await client.login(login, wrong) == b"a " + REFUSAL
    assert await client.login("nobody@example.test", site.people.wrong_guess(login)) == b"a " + REFUSAL
    assert runs.count == 0


async def test_a_guess_that_meets_a_tag_runs_one_and_is_refused(site, fritz):
    login, _ = fritz
    runs = Runs(site)
    assert await site.login(login, site.people.wrong_guess(login, same_tag=True)) == REFUSAL
    assert runs.count == 1


@pytest.mark.parametrize("which", [0, 20, 39])
async def test_a_login_with_forty_app_passwords_runs_one(site, fritz, which):
    login, secrets = fritz
    runs = Runs(site)
    assert (await site.login(login, secrets[which])).startswith(b"OK ")
    assert runs.count == 1


async def test_the_same_login_again_runs_none(site, fritz):
    login, secrets = fritz
    assert (await site.login(login, secrets[0])).startswith(b"OK ")
    runs = Runs(site)
    for _ in range(5):
        assert (await site.login(login, secrets[0])).startswith(b"OK ")
    assert runs.count == 0


async def test_a_change_of_the_user_makes_it_run_once_more(site, fritz):
    login, secrets = fritz
    assert (await site.login(login, secrets[0])).startswith(b"OK ")
    site.people.block(login)
    site.people.unblock(login)
    runs = Runs(site)
    async with asyncio.timeout(20):  # until the gateway has followed the change
        while runs.count == 0:
            assert (await site.login(login, secrets[0])).startswith((b"OK ", b"NO "))
    assert (await site.login(login, secrets[0])).startswith(b"OK ")
    assert runs.count == 1


async def test_a_deleted_one_runs_one_and_then_none(site):
    login = site.people.add("once@example.test", "enforced")
    secret = site.people.give(login, deleted=True).secret
    runs = Runs(site)
    for _ in range(3):
        assert await site.login(login, secret) == REFUSAL
    assert runs.count == 1


async def test_five_logins_at_once_run_one(tmp_path, authority, monkeypatch):
    """As a mail client does when it starts. The hash takes long enough for all five to meet."""
    monkeypatch.setenv("WICKETGATE__ARGON2__MEMORY_KIB", str(SLOW_KIB))
    slow = Argon2(memory_kib=SLOW_KIB, time_cost=1, parallelism=1)
    async with open_site(tmp_path, QUICK, authority) as site:
        login = site.people.add("fritz@example.test", "enforced")
        secret = site.people.give(login, argon2=slow).secret
        clients = [await site.connect() for _ in range(5)]
        runs = Runs(site)
        answers = await asyncio.gather(*(client.login(login, secret) for client in clients))
        assert all(answer.startswith(b"a OK ") for answer in answers)
        assert runs.count == 1


async def test_cache_09_an_app_password_works_from_the_moment_it_exists(site):
    login = site.people.add("newcomer@example.test", "enforced")
    for number in range(5):
        new = site.people.give(login, f"device {number}")
        client = await site.connect()
        assert (await client.login(login, new.secret)).startswith(b"a OK ")
