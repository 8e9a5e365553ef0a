"""Settings that all tests share."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.servers.gateway import Gateway
from tests.servers.postgresql import PostgreSql

settings.register_profile("default", deadline=None)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail where a test would be skipped")


def pytest_collection_finish() -> None:
    """Twelve thousand tests stay to the end: looking through them for garbage takes a tenth of a second."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """In CI a skipped test is a failed one: it shows nothing. A failed one shows what the gateway said."""
    report = _failed_if_skipped((yield), item)
    if report.failed:
        for gateway in _gateways(item):
            said = "\n".join(gateway.log().splitlines()[-40:])
            report.sections.append((f"log of {gateway.folder.name}", said))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    """The same for a module that is skipped as a whole."""
    return _failed_if_skipped((yield), collector)


def _gateways(item: pytest.Item) -> Iterator[Gateway]:
    """Those of the test's fixtures, or that a fixture has as its `gateway`."""
    for value in item.funcargs.values():
        for server in (value, getattr(value, "gateway", None)):
            if isinstance(server, Gateway) and server.log_file.exists():
                yield server


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
