"""BF-03: three gateways on one Redis have one budget of failures, and keep it when Redis loses it."""

from collections import Counter
from zlib import crc32

import pytest
import pytest_asyncio

from tests.gateway.site import MAIN, REFUSAL
from tests.gateway.throttle.guessing import GATEWAY, THROTTLED, guesses
from tests.gateway.throttle.nodes import open_nodes
from tests.servers.redis import RedisServer, cluster, cluster_url

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def redis():
    with RedisServer() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing_nodes(redis, authority, tmp_path_factory):
    async with open_nodes(tmp_path_factory.mktemp("nodes"), authority, redis.url()) as nodes:
        await nodes.until_they_count_in([redis])
        yield nodes


@pytest_asyncio.fixture(loop_scope="module")
async def nodes(standing_nodes, redis):
    """With nothing in Redis, and nothing heard of by the backend."""
    redis.ask("FLUSHALL")
    standing_nodes.backend.connections.clear()
    standing_nodes.backend.login_delay = 0.0
    yield standing_nodes
    assert "Traceback" not in standing_nodes.log()


@pytest.fixture
def dora(nodes, request):
    login = nodes.people.add(f"dora{crc32(request.node.name.encode())}@example.test", "disabled")
    nodes.backend.passwords = {login: MAIN, **GATEWAY}
    return login


def botnet(user, count, sources=200, word="guess"):
    return [(user, f"{word} {number}!", f"10.2.{number % sources}.1") for number in range(count)]


async def test_bf_03_of_guesses_at_three_nodes_the_backend_hears_a_hundred(nodes, dora):
    nodes.backend.login_delay = 0.05
    answers = Counter(await nodes.told_at_once(botnet(dora, 300)))
    assert answers == {REFUSAL: 100, THROTTLED: 200}
    assert len(nodes.heard(dora)) == 100


async def test_bf_03_what_redis_has_lost_the_nodes_still_know(nodes, dora, redis):
    attempts = botnet(dora, 93)
    for begin in range(0, 90, 10):
        assert set(await nodes.told_at_once(attempts[begin : begin + 10])) == {REFUSAL}
    assert await nodes.told_in_turn(attempts[90:]) == [REFUSAL] * 3
    redis.ask("FLUSHALL")
    await nodes.told_at_once(botnet(dora, 120, word="more"))
    assert 93 <= len(nodes.heard(dora)) <= 123  # each node knows of nearly all that failed before


async def test_bf_03_a_closed_budget_stays_closed_when_redis_is_emptied(nodes, dora, redis):
    await nodes.told_at_once(botnet(dora, 120))
    assert len(nodes.heard(dora)) == 100
    redis.ask("FLUSHALL")
    assert set(await nodes.told_at_once(botnet(dora, 60, word="more"))) == {THROTTLED}
    assert len(nodes.heard(dora)) == 100


async def test_bf_03_one_source_has_one_budget_at_all_nodes(nodes, dora):
    answers = await nodes.told_in_turn(guesses(dora, "192.0.2.1", 15))
    assert answers == [REFUSAL] * 10 + [THROTTLED] * 5
    spray = [(f"nobody{number}@example.test", "x", "192.0.2.2") for number in range(30)]
    assert Counter(await nodes.told_at_once(spray)) == {REFUSAL: 20, THROTTLED: 10}


async def test_bf_03_without_redis_each_node_counts_for_itself_and_nobody_sees_an_outage(nodes, dora, redis):
    await nodes.told_in_turn(guesses(dora, "192.0.2.3", 10))
    redis.stop()
    try:
        answers = await nodes.told_at_once(guesses(dora, "192.0.2.3", 60, "more"))
        assert set(answers) == {REFUSAL, THROTTLED}
        assert len(nodes.heard(dora)) <= 30
        assert await nodes.told(0, dora, MAIN, "192.0.2.3") == THROTTLED
        assert (await nodes.told(0, dora, MAIN, "192.0.2.4")).startswith(b"OK ")
    finally:
        redis.start()


async def test_bf_03_a_redis_that_says_nothing_lets_nobody_guess_on(nodes, dora, redis):
    with redis.frozen():
        answers = [await nodes.told(1, *attempt) for attempt in guesses(dora, "192.0.2.5", 12)]
    assert answers == [REFUSAL] * 10 + [THROTTLED] * 2


async def test_bf_04_a_phone_with_an_old_password_counts_once_at_all_nodes(nodes, dora):
    assert set(await nodes.told_at_once([(dora, "the old password", "192.0.2.6")] * 60)) == {REFUSAL}
    assert (await nodes.told(2, dora, MAIN, "192.0.2.6")).startswith(b"OK ")


async def test_bf_08_of_one_wrong_password_at_three_nodes_the_backend_hears_once(nodes, dora):
    attempts = [(dora, "the wrong one", "192.0.2.13")]
    assert set(await nodes.told_in_turn(attempts * 30)) == {REFUSAL}
    assert set(await nodes.told_at_once(attempts * 60)) == {REFUSAL}
    assert nodes.heard(dora) == ["the wrong one"]


async def test_bf_08_nor_more_when_all_three_are_asked_at_once(nodes, dora):
    nodes.backend.login_delay = 0.2
    assert set(await nodes.told_at_once([(dora, "the wrong one", "192.0.2.14")] * 60)) == {REFUSAL}
    assert nodes.heard(dora) == ["the wrong one"]


async def test_bf_08_the_right_one_at_once_at_all_nodes_is_let_in_each_time(nodes, dora):
    nodes.backend.login_delay = 0.1
    answers = await nodes.told_at_once([(dora, MAIN, "192.0.2.15")] * 30)
    assert all(answer.startswith(b"OK ") for answer in answers)


async def test_bf_04_who_gets_it_right_at_one_node_starts_afresh_at_all(nodes, dora):
    for word in ("one", "two", "three"):
        assert set(await nodes.told_in_turn(guesses(dora, "192.0.2.7", 8, word))) == {REFUSAL}
        assert (await nodes.told(0, dora, MAIN, "192.0.2.7")).startswith(b"OK ")


async def test_bf_01_a_place_of_before_is_known_at_every_node(nodes, dora):
    assert (await nodes.told(0, dora, MAIN, "192.0.2.8")).startswith(b"OK ")
    await nodes.told_at_once(botnet(dora, 120))
    for node in (1, 2, 0):
        await nodes.until_in(node, dora, MAIN, "192.0.2.8")
        assert await nodes.told(node, dora, MAIN, "192.0.2.9") == THROTTLED


async def test_explain_knows_what_has_failed_at_other_nodes(nodes, dora):
    answers = [await nodes.told(1, *attempt) for attempt in guesses(dora, "192.0.2.10", 10)]
    assert answers == [REFUSAL] * 10
    explain = ("explain", dora, "--protocol", "imap", "--ip")
    [row] = nodes.gateways[0].json(*explain, "192.0.2.10")
    assert row["why"] == "too many logins have failed of this user from this address"
    [row] = nodes.gateways[0].json(*explain, "192.0.2.11")
    assert row["decision"] == "passed through"


async def test_unlock_reaches_every_node(nodes, dora):
    assert THROTTLED in await nodes.told_in_turn(guesses(dora, "192.0.2.12", 12))
    nodes.gateways[0].run("user", "unlock", dora)
    for node in range(3):
        await nodes.until_in(node, dora, MAIN, "192.0.2.12")


async def test_cache_07_nobody_learns_from_redis_who_failed_where_and_with_what(nodes, dora, redis):
    await nodes.told_in_turn(guesses(dora, "192.0.2.77", 5, "TopSecretWord"))
    assert (await nodes.told(0, dora, MAIN, "192.0.2.78")).startswith(b"OK ")
    everything = b"".join(key + (value or b"") for key, value in redis.everything().items())
    assert len(redis.everything()) >= 4
    for word in (b"dora", b"example.test", b"192.0.2", b"TopSecret", MAIN.encode()):
        assert word not in everything
    assert all(redis.ask("PTTL", key) != -1 for key in redis.everything())


async def test_bf_03_in_a_cluster_of_redis_too(tmp_path, authority):
    with cluster() as servers:
        async with open_nodes(tmp_path, authority, cluster_url(servers), 2) as nodes:
            await nodes.until_they_count_in(servers)
            nodes.backend.login_delay = 0.05
            dora = nodes.people.add("dora@example.test", "disabled")
            nodes.backend.passwords = {dora: MAIN, **GATEWAY}
            assert Counter(await nodes.told_at_once(botnet(dora, 150))) == {REFUSAL: 100, THROTTLED: 50}
            answers = await nodes.told_in_turn(guesses(dora, "2001:db8::1", 3))
            assert answers == [THROTTLED] * 3
