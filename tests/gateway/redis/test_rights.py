"""Over TLS, as an ACL user who has the rights that docs/redis.md lists, and no others."""

import re
from pathlib import Path

import pytest
import pytest_asyncio
from redis.exceptions import ResponseError

from config import Cache
from store.redis.client import open_redis
from store.redis.keys import create_cache_key
from tests.gateway.redis.caching import argon2_runs, cached, restart, until_entries
from tests.gateway.site import GOOD, MAIN, open_site
from tests.servers.redis import RedisServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOCUMENT = (Path(__file__).parents[3] / "docs" / "redis.md").read_text()
[RIGHTS] = re.findall(r"^user wicketgate .*$", DOCUMENT, re.MULTILINE)
SECRET = "a-long-secret"
HASTY = "\nbackend_seconds = 2"
THROTTLED = "\n[throttle]\nexempt = []\n"


@pytest.fixture(scope="module")
def server(authority):
    with RedisServer(authority=authority, acl=RIGHTS.replace("…", SECRET) + "\n") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def site(server, tmp_path, authority):
    server.ask("FLUSHALL")
    server.ask("ACL", "LOG", "RESET")
    (tmp_path / "redis.password").touch(0o600)
    (tmp_path / "redis.password").write_text(SECRET + "\n")
    more = f'username = "wicketgate"\npassword_file = "redis.password"\nca_file = "{authority.ca_file}"\n'
    async with open_site(
        tmp_path, cached(server.url(), tmp_path, more + THROTTLED, limits=HASTY), authority
    ) as site:
        yield site
        await site.lets_a_good_login_in()


async def test_the_rights_suffice_for_all_that_is_done(site, server):
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    assert not (await site.login(GOOD, site.people.wrong_guess(GOOD))).startswith(b"OK ")
    dora = site.people.add("dora@example.test")
    assert (await site.login(dora, MAIN)).startswith(b"OK ")
    await until_entries(server, 4)
    site.gateway.run("user", "add", "enno@example.test")
    await restart(site)
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")
    assert argon2_runs(site) == 0
    assert server.ask("PUBSUB", "CHANNELS") == [b"wicketgate:changes"]
    assert server.ask("ACL", "LOG") == []


async def test_the_user_may_do_nothing_else(server):
    with server.client(username="wicketgate", password=SECRET) as client:
        for words in (
            ("GET", "other:key"),
            ("SET", "other:key", "x"),
            ("PUBLISH", "other", "x"),
            ("KEYS", "*"),
            ("SCAN", "0"),
            ("FLUSHALL",),
            ("CONFIG", "GET", "*"),
            ("MONITOR",),
            ("DEBUG", "SLEEP", "0"),
            ("ACL", "LIST"),
            ("EVAL", "return redis.call('GET', 'other:key')", "0"),
        ):
            with pytest.raises(ResponseError, match=r"permission|executing the script"):
                client.execute_command(*words)


async def test_check_config_and_doctor_say_whether_redis_serves(site, server):
    assert "cache: ok: has all rights" in site.gateway.run("check-config", "--online", check=False).stdout
    server.ask("ACL", "SETUSER", "wicketgate", "-eval")
    said = site.gateway.run("check-config", "--online", check=False)
    server.ask("ACL", "SETUSER", "wicketgate", "+eval")
    assert said.returncode == 1
    assert "cache: failed: it refuses a command: " in said.stderr
    server.ask("ACL", "SETUSER", "wicketgate", "off")
    told = site.gateway.run("doctor", check=False).stdout
    server.ask("ACL", "SETUSER", "wicketgate", "on")
    [line] = [line for line in told.splitlines() if " cache: " in line]
    assert line.startswith("warning  cache: it can't be used: ")
    assert "Logins go on without it" in line


async def test_without_the_authority_nothing_is_sent(site, server, tmp_path, authority):
    """No certificate, no password: TLS is verified before anything is said."""
    text = site.gateway.config.read_text()
    site.gateway.configure(text.replace(f'ca_file = "{authority.ca_file}"\n', ""))
    before = server.ask("INFO", "stats")["total_commands_processed"]
    said = site.gateway.run("check-config", "--online", check=False)
    site.gateway.configure(text)
    assert "certificate verify failed" in said.stderr
    assert server.ask("INFO", "stats")["total_commands_processed"] - before < 4  # our own asking


async def test_a_certificate_is_presented_where_redis_asks_for_one(server, tmp_path, authority):
    pair = authority.server()
    (tmp_path / "password").touch(0o600)
    (tmp_path / "password").write_text(SECRET)
    create_cache_key(tmp_path / "key")
    cache = {
        "url": server.url(),
        "key_file": tmp_path / "key",
        "username": "wicketgate",
        "password_file": tmp_path / "password",
        "ca_file": authority.ca_file,
    }
    with server.client() as administrator:
        administrator.config_set("tls-auth-clients", "yes")
        assert await pinged(Cache(**cache)) is None
        assert await pinged(Cache(**cache, certificate=pair.certificate, key=pair.key))
        administrator.config_set("tls-auth-clients", "optional")


async def pinged(cache):
    redis = open_redis(cache)
    answer = await redis.ask(lambda client: client.ping())
    await redis.close()
    return answer
