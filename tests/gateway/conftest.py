"""A gateway for each module of tests, with the module's own `SETTINGS` in its configuration."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.gateway.mailservers import Mailservers, open_mailservers
from tests.gateway.site import QUICK, Site, open_site
from tests.servers.certificates import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def mailservers() -> Iterator[Mailservers]:
    """A test that stops one of them starts it again."""
    with open_mailservers() as servers:
        yield servers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing_site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> AsyncIterator[Site]:
    """What the tests of a module share. Take `site` instead: it begins each test afresh.

    A module may be run for several protocols: @pytest.mark.parametrize("standing_site", …, indirect=True).
    """
    folder: Path = tmp_path_factory.mktemp("site")
    settings = getattr(request.module, "SETTINGS", QUICK)
    async with open_site(folder, settings, authority, getattr(request, "param", "imap")) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def site(standing_site: Site) -> AsyncIterator[Site]:
    """The module's gateway. After each test it must live and let a good login in."""
    standing_site.begin()
    yield standing_site
    standing_site.begin()
    await standing_site.lets_a_good_login_in()
    standing_site.begin()
