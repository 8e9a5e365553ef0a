"""Every test in this folder is run in each protocol."""

import pytest

from tests.gateway.dialects import PROTOCOLS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("standing_site", PROTOCOLS, indirect=True, scope="module")
