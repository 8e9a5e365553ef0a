"""389 Directory Server and Samba, one of each for all tests. They take root and a minute to start, so only
`make test-directories` runs these tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.directories.site import Directory, Site, documented, open_site
from tests.servers.certificates import Authority
from tests.servers.ds389 import DirectoryServer
from tests.servers.samba import Samba

_HERE = Path(__file__).parent
_SECONDS = 300


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Who asks for this folder gets it, and nobody else."""
    del collection_path
    return None if any("directories" in argument for argument in config.args) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first of them waits for a directory. Each directory is one process's, with all tests of it."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(_SECONDS))
            item.add_marker(pytest.mark.xdist_group("samba" if "samba" in item.name else "ds389"))


@pytest.fixture(scope="session")
def ds389() -> Iterator[DirectoryServer]:
    with DirectoryServer(documented("389 Directory Server", "ldif")) as directory:
        yield directory


@pytest.fixture(scope="session")
def samba() -> Iterator[Samba]:
    with Samba() as directory:
        yield directory


@pytest.fixture(scope="session", params=["ds389", "samba"])
def directory(request: pytest.FixtureRequest) -> Directory:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, directory: Directory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A gateway with a store of its own. A module may say more of [directory] by MORE."""
    folder = tmp_path_factory.mktemp("directories")
    more = getattr(request.module, "MORE", "")
    with open_site(folder, directory, Authority(folder), more) as site:
        yield site
