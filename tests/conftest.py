"""Settings that all tests share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.servers.postgresql import PostgreSql

settings.register_profile("default", deadline=None)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail where a test would be skipped")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """In CI a skipped test is a failed one: it shows nothing."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and item.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} would be skipped; here every test has to run"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSql]:
    """A server where each test makes databases of its own. Whoever stops it starts a server of his own."""
    with PostgreSql() as server:
        yield server
