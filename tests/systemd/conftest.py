"""One machine for all of these tests. They take root and minutes, so only `make test-systemd` runs them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.systemd.image import image
from tests.systemd.machine import Machine
from tests.systemd.site import PORTS, Site, set_up

_HERE = Path(__file__).parent
_SECONDS = 900
_UNITS = ("wicketgate.socket", "wicketgate.service", "wicketgate@1.service", "wicketgate@2.service")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Only who asks for this folder gets it."""
    del collection_path
    return None if any("systemd" in argument for argument in config.args) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first of them waits for the image to be made."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(_SECONDS))


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("systemd")
    with Machine(image(), folder / "machine.log") as machine:
        yield set_up(machine, folder)


@pytest.fixture
def site(whole_site: Site) -> Iterator[Site]:
    """With the usual configuration, and nothing of the gateway running, not even its sockets."""
    whole_site.configure()
    whole_site.machine.turn_the_page()
    yield whole_site
    for unit in ("wicketgate.service", "wicketgate@.service"):
        whole_site.drop_in(unit, "")
    whole_site.drop_in("wicketgate.socket", PORTS)
    whole_site.machine.systemctl("stop", *_UNITS)
