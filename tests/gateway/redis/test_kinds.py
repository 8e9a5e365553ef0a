"""Behind Sentinel and in a Cluster: what one process remembers, another one knows."""

import asyncio
import re
from pathlib import Path

import pytest

from config import Cache
from tests.gateway.redis.process import process
from tests.servers.redis import behind_sentinels, cluster, cluster_url

DOCUMENT = (Path(__file__).parents[3] / "docs" / "redis.md").read_text()
[RIGHTS] = re.findall(r"^user wicketgate .*$", DOCUMENT, re.MULTILINE)
[FOR_CLUSTER] = re.findall(r"For a Cluster add `([^`]*)`", DOCUMENT)
[FOR_SENTINELS] = re.findall(r"^`(-@all [^`]*)`\. ", DOCUMENT, re.MULTILINE)
USERS = 12


@pytest.fixture
def given(people):
    users = [people.add(f"user{number}@example.test", "enforced") for number in range(USERS)]
    return {user: people.give(user).secret for user in users}


def cache_as_wicketgate(tmp_path, url, **more):
    for name, content in (("cache.key", "ab" * 32), ("password", "secret")):
        (tmp_path / name).touch(0o600)
        (tmp_path / name).write_text(content)
    return Cache(url=url, key_file=tmp_path / "cache.key", **more)


async def all_log_in(process, given):
    found = await asyncio.gather(*(process.login(user, secret) for user, secret in given.items()))
    assert all(app_password is not None for _, app_password in found)


async def until_filled(servers, count):
    async with asyncio.timeout(30):
        while sum(len(one.everything()) for one in servers) < count:  # noqa: ASYNC110 (other processes)
            await asyncio.sleep(0.01)


async def assert_shared(tmp_path, cache, given, servers):
    async with process(tmp_path, cache) as before:
        await all_log_in(before, given)
        assert before.argon2.runs == USERS
        await until_filled(servers, 2 * USERS)
    async with process(tmp_path, cache) as after:
        await all_log_in(after, given)
        assert after.argon2.runs == 0
        assert after.redis.failures == 0


async def test_a_cluster_over_tls_with_the_rights_of_the_document(tmp_path, given, authority):
    acl = RIGHTS.replace("…", "secret") + f" {FOR_CLUSTER}\n"
    with cluster(acl=acl, authority=authority) as servers:
        user = {"username": "wicketgate", "password_file": tmp_path / "password"}
        user["ca_file"] = authority.ca_file
        await assert_shared(
            tmp_path, cache_as_wicketgate(tmp_path, cluster_url(servers), **user), given, servers
        )
        assert all(len(one.everything()) > 0 for one in servers)
        assert [one.ask("ACL", "LOG") for one in servers] == [[], [], []]


async def test_sentinels_over_tls_with_the_rights_of_the_document(tmp_path, given, authority):
    acl = f"user wicketgate on >secret {FOR_SENTINELS}\n"
    with behind_sentinels(sentinel_acl=acl, authority=authority) as redis:
        user = {"sentinel_username": "wicketgate", "sentinel_password_file": tmp_path / "password"}
        user["ca_file"] = authority.ca_file
        cache = cache_as_wicketgate(tmp_path, redis.url, **user)
        await assert_shared(tmp_path, cache, given, [redis.primary()])
        redis.sentinels[0].stop()
        async with process(tmp_path, cache) as after:
            await all_log_in(after, given)


async def test_cache_04_a_node_of_a_cluster_that_hangs_or_is_gone_costs_hashes_and_nothing_else(
    tmp_path, given
):
    with cluster() as servers:
        cache = cache_as_wicketgate(tmp_path, cluster_url(servers))
        await assert_shared(tmp_path, cache, given, servers)
        with servers[0].frozen():
            async with process(tmp_path, cache) as after:
                await all_log_in(after, given)
        servers[0].stop()
        async with process(tmp_path, cache) as after:
            await all_log_in(after, given)
