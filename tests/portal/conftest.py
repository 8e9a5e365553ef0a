"""Debian's Chromium, and a portal for the tests of a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.portal.site import MAIN, MASTER, SETTINGS, Site, Visitor, visitor
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for longer than a module: Playwright's event loop would be in the way of everybody else's."""
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs rights that a container may not give.
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """Everybody at example.test has the same main password."""
    with Dovecot({f"{name}@example.test": MAIN for name in PEOPLE}, dict([MASTER])) as dovecot:
        yield dovecot


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot
) -> Iterator[Site]:
    """A module's SETTINGS replace the usual ones."""
    folder: Path = tmp_path_factory.mktemp("portal")
    made = Site(folder, Authority(folder), dovecot, getattr(request.module, "SETTINGS", SETTINGS))
    with made.portal:
        yield made
    made.people.close()
    for word in ("Traceback", "Error:"):
        assert word not in made.portal.log(), made.portal.log()


@pytest.fixture(params=["desktop"])
def anna(request: pytest.FixtureRequest, site: Site, browser: Browser) -> Iterator[Visitor]:
    """Somebody with a browser: @pytest.mark.parametrize("anna", ["phone", "desktop"], indirect=True)."""
    with visitor(site, browser, request.param) as found:
        yield found


PEOPLE = [f"user{number}" for number in range(200)]


@pytest.fixture(scope="session")
def _numbers() -> Iterator[str]:
    return iter(PEOPLE)


@pytest.fixture
def login(site: Site, _numbers: Iterator[str]) -> str:
    """A new user, enabled and not registered."""
    return site.add(f"{next(_numbers)}@example.test")
