"""While the backend can't judge main passwords, all who have no app password are told the same."""

import asyncio
import itertools

import pytest

from tests.gateway.site import GOOD, MAIN, PORTAL
from tests.gateway.throttle.guessing import THROTTLE
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = f"""
[policy]
portal_url = "{PORTAL}"
[limits]
refusal_seconds = 0.1
failed_logins = 3
backend_seconds = 1.2
{THROTTLE}
"""
TEMPORARY = {
    "imap": b"{tag} NO [UNAVAILABLE] Directory is down\r\n",
    "smtp": b"454 4.7.0 Directory is down\r\n",
    "pop3": b"-ERR [SYS/TEMP] Directory is down\r\n",
    "sieve": b'NO (TRYLATER) "Directory is down"\r\n',
}
# Each test has guessed nothing yet.
sources = (f"127.{1 + number // 250}.{number % 250}.1" for number in itertools.count(1))


@pytest.fixture(scope="module")
def names(standing_site):
    """One of each kind that a stranger could try to tell apart."""
    people = standing_site.people
    return {
        "passed through": people.add("passed@kinds.test", "disabled"),
        "another passed through": people.add("also@kinds.test", "enabled"),
        "enforced": people.add("enforced@kinds.test", "enforced"),
        "blocked": people.add("blocked@kinds.test", "disabled", blocked=True),
        "unknown": "nobody@kinds.test",
        "unknown domain": "nobody@elsewhere.test",
    }


def break_backend(site, how):
    if how == "unreachable":
        site.backend.script["GREETING"] = Reply(then=Then.RESET)
    else:
        then = Then.SILENCE if how == "silent" else Then.GO_ON
        octets = b"" if how == "silent" else TEMPORARY[site.dialect.protocol]
        site.backend.script[site.dialect.login_verb] = Reply(octets, then)


async def until_known(site, names):
    """Until the gateway knows that the backend is down."""
    async with asyncio.timeout(20):
        while await site.told(names["enforced"], "x", source=next(sources)) != site.dialect.unavailable:
            await site.told(names["passed through"], "x", source=next(sources))


async def until_over(site, names):
    """Until it knows that the backend is back: a login that is judged tells it."""
    site.backend.script.clear()
    site.backend.passwords = {}
    async with asyncio.timeout(20):
        while await site.told(names["passed through"], "y", source=next(sources)) != site.dialect.refused:
            pass
    site.backend.passwords = None


HOW = ["unreachable", "silent", "it says so"]


@pytest.mark.parametrize("how", HOW)
async def test_enum_04_no_name_is_told_from_another_while_the_backend_is_down(site, names, how):
    break_backend(site, how)
    await until_known(site, names)
    for order in (list(names.items()), list(names.items())[::-1]):
        told = [(kind, await site.told(name, MAIN, source=next(sources))) for kind, name in order]
        assert dict(told) == dict.fromkeys(names, site.dialect.unavailable)
    told = await asyncio.gather(*(site.told(name, "wrong", source=next(sources)) for name in names.values()))
    assert set(told) == {site.dialect.unavailable}
    await until_over(site, names)


@pytest.mark.parametrize("how", HOW)
async def test_enum_04_nor_is_any_told_apart_when_it_is_back(site, names, how):
    break_backend(site, how)
    await until_known(site, names)
    await until_over(site, names)
    site.backend.passwords = {}
    told = {kind: await site.told(name, MAIN, source=next(sources)) for kind, name in names.items()}
    assert told == dict.fromkeys(names, site.dialect.refused)


@pytest.mark.parametrize("how", ["unreachable", "it says so"])
async def test_enum_05_an_outage_is_no_guess_for_any_name(site, names, how):
    break_backend(site, how)
    await until_known(site, names)
    for kind in ("passed through", "enforced", "unknown"):
        source = next(sources)
        told = [await site.told(names[kind], f"guess {number}", source=source) for number in range(11)]
        assert told == [site.dialect.unavailable] * 11
    await until_over(site, names)


async def test_enum_06_a_repeat_is_told_no_other_than_the_first(site, names):
    """While a login is silent, the very same one is not made to wait for it."""
    break_backend(site, "silent")
    await until_known(site, names)
    source = next(sources)
    told = await asyncio.gather(
        *(site.told(names[kind], "same", source=source) for kind in ("passed through", "unknown") * 3)
    )
    assert told == [site.dialect.unavailable] * 6
    await until_over(site, names)


@pytest.mark.parametrize("how", HOW)
async def test_app_passwords_are_judged_as_ever_while_the_backend_is_down(site, names, how):
    deleted = site.people.give(names["enforced"], deleted=True).secret
    break_backend(site, how)
    await until_known(site, names)
    assert await site.told(names["enforced"], deleted) == site.dialect.refused
    assert await site.told(GOOD, site.good.secret) == site.dialect.unavailable
    await until_over(site, names)
    assert (await site.told(GOOD, site.good.secret)).startswith(site.dialect.accepted)


async def test_a_rightful_user_gets_in_once_the_backend_is_back(site, names):
    break_backend(site, "silent")
    await until_known(site, names)
    source = next(sources)
    assert await site.told(names["passed through"], MAIN, source=source) == site.dialect.unavailable
    site.backend.script.clear()
    async with asyncio.timeout(20):
        while (answer := await site.told(names["passed through"], MAIN, source=source)) != b"":
            if answer.startswith(site.dialect.accepted):
                break
            assert answer == site.dialect.unavailable
    assert answer.startswith(site.dialect.accepted)


@pytest.mark.parametrize("kind", ["enforced", "unknown"])
async def test_enum_04_a_user_who_has_too_many_sessions_there_makes_no_outage(site, names, kind):
    """What the backend says to the gateway's own login of one user is not about the guesses of others."""
    full = {"imap": b"{tag} NO [LIMIT] Too many\r\n", "pop3": b"-ERR [IN-USE] Locked\r\n"}
    said = full.get(site.dialect.protocol, TEMPORARY[site.dialect.protocol])
    site.backend.script[site.dialect.login_verb] = Reply(said)
    assert await site.told(GOOD, site.good.secret) == site.dialect.unavailable
    assert await site.told(names[kind], "x", source=next(sources)) == site.dialect.refused
