"""What the tests of this folder share."""

from collections.abc import Iterator

import pytest

from store.database import Database


@pytest.fixture
def other(url: str) -> Iterator[Database]:
    """The same store, as another portal has it open."""
    other = Database(url, busy_seconds=30)
    yield other
    other.close()
