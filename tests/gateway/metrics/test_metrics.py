"""What a scrape tells after things have happened, and what it never tells."""

import asyncio

import pytest
from cryptography.x509 import load_pem_x509_certificate

from gateway.judgement import Why
from tests.gateway.metrics.scrape import OPENMETRICS, scrape, until
from tests.gateway.site import BACKEND_SECRET, GOOD, MAIN, QUICK
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = QUICK + '\n[metrics]\naddress = "127.0.0.1:{third}"\n'
DORA = "dora@example.test"


@pytest.fixture(scope="module", autouse=True)
def dora(standing_site):
    return standing_site.people.add(DORA, "disabled")


@pytest.fixture
def port(site):
    return site.gateway.third


async def test_each_login_is_counted_by_how_it_ended(site, port):
    before = await scrape(port)
    client = await site.logged_in()
    assert (await site.login(DORA, MAIN)).startswith(b"OK")
    await site.login(GOOD, "wrong")
    await site.login("nobody@example.test", "wrong")
    site.backend.passwords = {}
    await site.login(DORA, "wrong")
    name = "wicketgate_logins_total"
    for verdict, reason in (
        ("admitted", ""),
        ("passed-through", ""),
        ("refused", "app-password-required"),
        ("refused", "unknown-user"),
        ("refused", "backend-refused"),
    ):
        labels = {"protocol": "imap", "verdict": verdict, "reason": reason}
        await until(port, name, before(name, **labels) + 1, **labels)
    client.abort()
    after = await scrape(port)
    for step, count in (("judgement", 5), ("whole", 5), ("backend", 3)):
        labels = {"protocol": "imap", "step": step}
        name = "wicketgate_login_seconds_count"
        assert after(name, **labels) == before(name, **labels) + count


async def test_every_reason_for_a_refusal_is_there_from_the_beginning(port):
    samples = await scrape(port)
    for why in Why:
        assert samples("wicketgate_logins_total", protocol="imap", verdict="refused", reason=why.slug) >= 0


async def test_sessions_and_those_who_are_none_yet_are_counted(site, port):
    before = await scrape(port)
    inside = [await site.logged_in() for _ in range(2)]
    outside = await site.connect()
    samples = await until(port, "wicketgate_strangers", 1)
    assert samples("wicketgate_sessions", protocol="imap") == 2
    name = "wicketgate_connections_total"
    assert samples(name, listener="imaps") == before(name, listener="imaps") + 3
    await asyncio.to_thread(site.gateway.run, "kick", GOOD)
    after = await until(port, "wicketgate_sessions", 0)
    assert after("wicketgate_sessions_cut_total", reason="kicked") == 2
    for client in (*inside, outside):
        client.abort()


async def test_what_is_remembered_and_what_was_hashed_is_counted(site, port):
    given = site.people.give(GOOD, "for this test")
    name = "wicketgate_cache_lookups_total"
    before = await scrape(port)
    for _ in range(3):
        assert (await site.login(GOOD, given.secret)).startswith(b"OK")
    hits = before(name, cache="logins", level="memory") + 2
    after = await until(port, name, hits, cache="logins", level="memory")
    assert after(name, cache="logins", level="none") == before(name, cache="logins", level="none") + 1
    for counted in ("wicketgate_argon2_runs_total", "wicketgate_hashing_seconds_count"):
        labels = {"step": "running"} if counted.endswith("count") else {}
        assert after(counted, **labels) == before(counted, **labels) + 1
    assert after("wicketgate_hashing_shed_total") == 0


async def test_a_backend_that_fails_is_down_until_it_works_again(site, port):
    await site.login(GOOD, site.good.secret)
    before = await until(port, "wicketgate_backend_up", 1, protocol="imap")
    failures = before("wicketgate_backend_failures_total")
    site.backend.script["GREETING"] = Reply(then=Then.RESET)
    await site.login(GOOD, site.good.secret)
    down = await until(port, "wicketgate_backend_up", 0, protocol="imap")
    assert down("wicketgate_backend_failures_total", address=f"127.0.0.1:{site.backend.port}") == failures + 1
    site.backend.script.clear()
    await site.login(GOOD, site.good.secret)
    await until(port, "wicketgate_backend_up", 1, protocol="imap")


async def test_changes_move_the_feeds_position(site, port):
    before = (await scrape(port))("wicketgate_feed_position")
    site.people.give(GOOD, "another")
    await until(port, "wicketgate_feed_position", before + 1)
    assert (await scrape(port))("wicketgate_feed_lag_seconds") < 30


async def test_the_certificates_end_is_that_of_the_file_in_use(site, port):
    pem = (site.gateway.authority.server().certificate).read_bytes()
    ends = load_pem_x509_certificate(pem).not_valid_after_utc.timestamp()
    assert (await scrape(port))("wicketgate_certificate_not_after_timestamp_seconds", table="tls") == ends


async def test_the_numbers_are_the_same_in_openmetrics(port):
    plain, openmetrics = await scrape(port), await scrape(port, OPENMETRICS)
    name = "wicketgate_logins_total"
    assert openmetrics(name) == plain(name)
    assert openmetrics.names() == plain.names()


async def test_no_secret_and_no_name_is_in_a_scrape(site, port):
    canary = "canary-4d1c"
    given = site.people.give(GOOD, canary)
    for user, secret in ((GOOD, given.secret), (DORA, canary), (f"{canary}@example.test", canary)):
        client = await site.connect(source="127.0.0.77")
        await client.answer(b'ID ("name" "' + canary.encode() + b'")')
        await client.login(user, secret)
        client.abort()
    for accept in ("*/*", OPENMETRICS):
        told = (await scrape(port, accept)).text
        forbidden = (canary, given.secret, given.id, GOOD, DORA, "example.test", "127.0.0.77", BACKEND_SECRET)
        assert [word for word in forbidden if word in told] == []
