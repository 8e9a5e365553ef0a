"""One Redis for the tests of this folder; each test begins with an empty one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.people import People
from tests.servers.redis import RedisServer


@pytest.fixture(scope="session")
def standing_redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def server(standing_redis: RedisServer) -> RedisServer:
    standing_redis.ask("FLUSHALL")
    return standing_redis


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    people = People(tmp_path)
    yield people
    people.close()
