"""Redis behind TLS: whom the gateway takes for it, and whom not."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from config import Cache, ConfigurationError
from store.redis.client import Redis, open_redis
from store.redis.keys import create_cache_key
from tests.servers.certificates import Authority, Pair
from tests.servers.redis import RedisServer, behind_sentinels, cluster, cluster_url


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def other(tmp_path: Path) -> Authority:
    (tmp_path / "other").mkdir()
    return Authority(tmp_path / "other")


@pytest.fixture(scope="module")
def server(authority: Authority) -> Iterator[RedisServer]:
    with RedisServer(authority=authority) as server:
        yield server


@asynccontextmanager
async def asking(folder: Path, url: str, ca_file: Path | None) -> AsyncIterator[Redis]:
    key = folder / "cache.key"
    if not key.exists():
        create_cache_key(key)
    found = open_redis(Cache(url=url, key_file=key, ca_file=ca_file))
    assert found is not None
    yield found
    await found.close()


async def ping(redis: Redis) -> object:
    return await redis.ask(lambda client: client.ping())


async def answers(folder: Path, url: str, ca_file: Path | None) -> bool:
    async with asking(folder, url, ca_file) as redis:
        return bool(await ping(redis))


@contextmanager
def served(kind: str, authority: Authority) -> Iterator[str]:
    """The URL of one of that kind."""
    if kind == "cluster":
        with cluster(authority=authority) as servers:
            yield cluster_url(servers)
    elif kind == "sentinels":
        with behind_sentinels(authority=authority) as sentinels:
            yield sentinels.url
    else:
        with RedisServer(authority=authority) as server:
            yield server.url()


def show(server: RedisServer, pair: Pair) -> None:
    """To those who connect from now on."""
    server.ask("CONFIG", "SET", "tls-cert-file", str(pair.certificate), "tls-key-file", str(pair.key))


@pytest.mark.parametrize("kind", ["expired", "wrong_name", "untrusted", "self_signed"])
async def test_a_certificate_that_can_not_be_verified_is_not_redis(
    kind: str, tmp_path: Path, authority: Authority
) -> None:
    with RedisServer(authority=authority) as server:
        show(server, getattr(authority, kind)())
        assert not await answers(tmp_path, server.url(), authority.ca_file)


@pytest.mark.parametrize("kind", ["one server", "sentinels", "cluster"])
async def test_with_a_ca_file_the_systems_authorities_vouch_for_nobody(
    kind: str, tmp_path: Path, authority: Authority, other: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may get a certificate of theirs for a name of his own, and some have got others'."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    with served(kind, authority) as url:
        assert not await answers(tmp_path, url, other.ca_file)
        assert await answers(tmp_path, url, authority.ca_file)


async def test_without_one_they_do(
    server: RedisServer, tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    assert await answers(tmp_path, server.url(), None)


async def test_a_file_that_is_renewed_is_read_again(
    server: RedisServer, tmp_path: Path, authority: Authority, other: Authority
) -> None:
    file = tmp_path / "trusted.pem"
    file.write_bytes(other.ca_file.read_bytes())
    async with asking(tmp_path, server.url(), file) as redis, asyncio.timeout(30):
        assert not await ping(redis)
        file.write_text("-----BEGIN CERTIFICATE-----\nhalf of")
        assert not await ping(redis)
        file.write_bytes(authority.ca_file.read_bytes())
        while not await ping(redis):  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.01)


async def test_a_file_that_can_not_be_read_is_told_at_the_start(server: RedisServer, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cache.ca_file"):
        async with asking(tmp_path, server.url(), tmp_path / "nowhere.pem"):
            pass
