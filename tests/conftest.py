"""Settings that all tests share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.servers.postgresql import PostgreSql

settings.register_profile("default", deadline=None)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail where a test would be skipped")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """In CI a skipped test is a failed one: it shows nothing."""
    return _failed_if_skipped((yield), item)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    """The same for a module that is skipped as a whole."""
    return _failed_if_skipped((yield), collector)


def _failed_if_skipped(report, node):
    if report.skipped and node.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"{node.nodeid} would be skipped; here every test has to run"
    return report


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSql]:
    """A server where each test makes databases of its own. Whoever stops it starts a server of his own."""
    with PostgreSql() as server:
        yield server
