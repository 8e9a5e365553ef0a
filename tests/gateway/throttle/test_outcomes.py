"""What counts as a guess, what a stranger learns from being throttled, and who is let off."""

import asyncio

import pytest

from tests.gateway.site import GOOD, MAIN, QUICK, REFUSAL, UNAVAILABLE, open_site
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
from tests.servers.script import Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = guessing.SETTINGS
EXEMPT = QUICK + '[throttle]\nexempt = ["192.0.2.0/28"]\n' + PROXIED
OFF = (
    QUICK
    + "[throttle]\nfailures_per_source = 0\nfailures_per_user = 0\nfailures_per_user_and_source = 0\n"
    + PROXIED
)
UNKNOWN_PASS = (
    QUICK.replace("[limits]", 'unknown_users = "pass"\nunknown_domains = ["example.test"]\n[limits]')
    + guessing.THROTTLE
    + PROXIED
)
NO_HINT = QUICK.replace("[limits]", 'refusal_hint = "none"\n[limits]') + guessing.THROTTLE + PROXIED


@pytest.fixture
def dora(site, request):
    """A user whose main password the backend knows."""
    login = site.people.add(f"dora{abs(hash(request.node.name))}@example.test", "disabled")
    site.backend.passwords = {login: MAIN, **GATEWAY}
    return login


def strangers_names(people):
    """One name of each kind that a stranger could try to tell apart."""
    aliased = people.add("aliased@kinds.test", "disabled", aliases=["alias@kinds.test"])
    with_app_password = people.add("settled@kinds.test", "enforced")
    people.give(with_app_password)
    return {
        "disabled": people.add("disabled@kinds.test", "disabled"),
        "enabled": people.add("enabled@kinds.test", "enabled"),
        "enforced": people.add("enforced@kinds.test", "enforced"),
        "with an app password": with_app_password,
        "blocked": people.add("blocked@kinds.test", "disabled", blocked=True),
        "unknown": "nobody@kinds.test",
        "unknown domain": "nobody@elsewhere.test",
        "login": aliased,
        "alias": "alias@kinds.test",
    }


async def test_enum_01_every_name_is_throttled_after_as_many_guesses_and_with_the_same_bytes(site):
    site.backend.passwords = {}
    names = strangers_names(site.people)
    attempts = [guesses(name, f"198.51.100.{number}", 12) for number, name in enumerate(names.values())]
    told_of_each = await asyncio.gather(*(told_in_turn(site, one) for one in attempts))
    answers = dict(zip(names, told_of_each, strict=True))
    assert answers == dict.fromkeys(names, [REFUSAL] * 10 + [THROTTLED] * 2)


async def test_enum_01_guesses_in_the_shape_of_app_passwords_count_the_same(site):
    enforced = site.people.add("shaped@example.test", "enforced")
    for number, name in enumerate((enforced, "nobody@shaped.test")):
        wrong = [(name, site.people.wrong_guess(enforced), f"198.51.100.{100 + number}") for _ in range(12)]
        assert await told_in_turn(site, wrong) == [REFUSAL] * 10 + [THROTTLED] * 2


async def test_enum_01_a_source_that_guessed_too_much_learns_nothing_of_any_name(site):
    site.backend.passwords = {}
    spray = [(f"nobody{number}@example.test", "x", "198.51.100.200") for number in range(20)]
    assert await told_in_turn(site, spray) == [REFUSAL] * 20
    site.people.add("any@example.test", "disabled")
    site.people.add("shut@example.test", "enforced", blocked=True)
    names = ("any@example.test", "shut@example.test", "new@example.test", GOOD)
    answers = [await told(site, name, MAIN, "198.51.100.200") for name in names]
    assert answers == [THROTTLED] * 4


async def test_an_outage_is_no_guess(site, dora):
    for verb in ("LOGIN", "AUTHENTICATE"):
        site.backend.script[verb] = Reply(b"{tag} NO [UNAVAILABLE] Directory is down\r\n")
    answers = await told_in_turn(site, guesses(dora, "192.0.2.1", 15))
    assert answers == [UNAVAILABLE] * 15
    site.backend.script.clear()
    assert (await told(site, dora, MAIN, "192.0.2.1")).startswith(b"OK ")


async def test_app_passwords_that_are_refused_are_no_guesses(site, dora):
    """Old devices hold deleted and expired ones, and one that's for POP3 is the user's own all the same."""
    faults = ({"deleted": True}, {"expired": True}, {"scopes": ("pop3",)}, {"networks": ("10.0.0.0/8",)})
    spent = [site.people.give(dora, **fault).secret for fault in faults for _ in range(4)]
    for secret in spent:
        assert await told(site, dora, secret, "192.0.2.2") == REFUSAL
    assert await told(site, dora, "a first guess", "192.0.2.2") == REFUSAL
    assert (await told(site, dora, MAIN, "192.0.2.2")).startswith(b"OK ")


async def test_the_log_says_why(site, dora):
    await told_in_turn(site, guesses(dora, "192.0.2.3", 11))
    assert [line["reason"] for line in site.logins()] == ["backend-refused"] * 10 + ["too-many-failures"]
    line = site.logins()[-1]
    assert (line["verdict"], line["user"], line["address"]) == ("refused", dora, "192.0.2.3")


async def test_unlock_lets_a_user_guess_again_at_once(site, dora):
    await told_in_turn(site, guesses(dora, "192.0.2.4", 10))
    assert await told(site, dora, MAIN, "192.0.2.4") == THROTTLED
    done = site.gateway.run("user", "unlock", dora)
    assert done.stdout == f"Forgot the failed logins and wrong codes of {dora}.\n"
    refused = site.gateway.run("user", "unlock", "nobody@example.test", check=False)
    assert (refused.returncode, "there is no user nobody@example.test" in refused.stderr) == (1, True)
    async with asyncio.timeout(20):  # until the gateway has followed the change
        while (answer := await told(site, dora, MAIN, "192.0.2.4")) == THROTTLED:
            pass
    assert answer.startswith(b"OK ")


async def test_explain_says_who_is_throttled_and_where(site, dora):
    given = site.people.give(dora, "phone")
    spray = [(f"nobody{number}@example.test", "x", "192.0.2.5") for number in range(20)]
    await told_at_once(site, [*spray, *guesses(dora, "192.0.2.6", 10)])
    told_of = {address: explained(site, dora, address) for address in ("192.0.2.5", "192.0.2.6", "192.0.2.7")}
    assert [main for main, _ in told_of.values()] == [
        ("refused", "too many logins have failed from this address"),
        ("refused", "too many logins have failed of this user from this address"),
        ("passed through", "the backend judges the main password"),
    ]
    assert {device for _, device in told_of.values()} == {("admitted", "it is live and in scope")}
    assert (await told(site, dora, given.secret, "192.0.2.6")).startswith(b"OK ")
    assert explained(site, "nobody0@example.test", "192.0.2.5")[0][0] == "refused"


def explained(site, user, address):
    """The decision and the reason for each thing that could be presented."""
    rows = site.gateway.json("explain", user, "--protocol", "imap", "--ip", address)
    return tuple((row["decision"], row["why"]) for row in rows)


async def test_networks_that_are_exempt_may_fail_without_end(tmp_path, authority):
    async with open_site(tmp_path, EXEMPT, authority) as site:
        dora = site.people.add("dora@example.test", "disabled")
        site.backend.passwords = {dora: MAIN, **GATEWAY}
        assert set(await told_in_turn(site, guesses(dora, "192.0.2.15", 30))) == {REFUSAL}
        assert (await told(site, dora, MAIN, "192.0.2.16")).startswith(b"OK ")
        assert await told_in_turn(site, guesses(dora, "192.0.2.16", 11)) == [REFUSAL] * 10 + [THROTTLED]


async def test_zero_switches_a_limit_off(tmp_path, authority):
    async with open_site(tmp_path, OFF, authority) as site:
        dora = site.people.add("dora@example.test", "disabled")
        site.backend.passwords = {dora: MAIN, **GATEWAY}
        assert set(await told_in_turn(site, guesses(dora, "192.0.2.1", 30))) == {REFUSAL}
        assert len(heard(site, dora)) == 30


async def test_users_whom_only_the_backend_knows_are_throttled_too(tmp_path, authority):
    async with open_site(tmp_path, UNKNOWN_PASS, authority) as site:
        site.backend.passwords = {"ute@example.test": MAIN, **GATEWAY}
        answers = await told_in_turn(site, guesses("ute@example.test", "192.0.2.1", 12))
        assert answers == [REFUSAL] * 10 + [THROTTLED] * 2
        assert (await told(site, "ute@example.test", MAIN, "192.0.2.2")).startswith(b"OK ")


async def test_without_hints_no_app_password_is_spoken_of(tmp_path, authority):
    async with open_site(tmp_path, NO_HINT, authority) as site:
        answers = await told_in_turn(site, guesses("nobody@example.test", "192.0.2.1", 11))
        assert answers[-1] == b"NO [LIMIT] Too many failed logins. Try again later\r\n"
