"""Three gateways on one PostgreSQL, and a directory behind them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.gateway.site import MAIN
from tests.revocation.trial import PROTOCOLS
from tests.servers.certificates import Authority
from tests.servers.cluster import Cluster, open_cluster
from tests.servers.cluster_config import behind_slapd
from tests.servers.directory import Person
from tests.servers.postgresql import PostgreSql
from tests.servers.slapd import Slapd

PEOPLE = ("bound", "gone", "good")


@pytest.fixture(scope="session")
def cluster_slapd() -> Iterator[Slapd]:
    """One of our own: a sync brings over whoever is there."""
    with Slapd([Person(name, MAIN) for name in PEOPLE]) as slapd:
        yield slapd


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(
    tmp_path_factory: pytest.TempPathFactory,
    authority: Authority,
    postgresql: PostgreSql,
    cluster_slapd: Slapd,
) -> AsyncIterator[Cluster]:
    folder: Path = tmp_path_factory.mktemp("cluster")
    settings = behind_slapd(cluster_slapd)
    async with open_cluster(folder, authority, [postgresql], settings, protocols=PROTOCOLS) as cluster:
        yield cluster
        for node in cluster.nodes:
            assert "Traceback" not in node.gateway.log()
