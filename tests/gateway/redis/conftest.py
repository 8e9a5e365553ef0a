"""One Redis for the tests of this folder; each test begins with an empty one."""

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.people import People
from tests.servers.redis import RedisServer

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """redis-py leaves a connection that a time-out ends while it's opened to the garbage collector."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """What was left so is gone before a test of another folder could be blamed for it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


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
