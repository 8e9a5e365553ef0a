"""What docs/security.md says of attacks and of tests is so."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = re.compile(r"`(test_\w+)`")
DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
CARRIED = re.compile(r"test_([a-z]+)_(\d\d)_")
# The first cell of a row: one id, several, or a range of them.
EXPLAINED = re.compile(r"^\| ([A-Z]+-\d\d[^|]*) \|", re.MULTILINE)
ID = re.compile(r"([A-Z]+)-(\d\d)")


def defined() -> set[str]:
    """The names of all tests of the project."""
    files = (ROOT / "tests").rglob("test_*.py")
    return {name for file in files for name in DEFINED.findall(file.read_text())}


def carried() -> set[str]:
    """The attack ids that tests carry in their names."""
    return {f"{kind.upper()}-{number}" for name in defined() for kind, number in CARRIED.findall(name)}


def explained() -> list[str]:
    """The attack ids that have a row, with those that lie between the ends of a range."""
    return [id for cell in EXPLAINED.findall(PAGE) for part in cell.split(",") for id in ids(part)]


def ids(part: str) -> Iterator[str]:
    found = ID.findall(part)
    kind, first = found[0]
    for number in range(int(first), int(found[-1][1]) + 1):
        yield f"{kind}-{number:02}"


def test_every_test_that_the_page_names_exists():
    named = set(NAMED.findall(PAGE))
    assert len(named) > 50
    assert named - defined() == set()


def test_every_attack_that_a_test_carries_is_explained():
    assert carried() - set(explained()) == set()


def test_every_attack_that_is_explained_has_a_test_of_its_name():
    assert set(explained()) - carried() == set()


def test_every_attack_is_explained_once():
    assert len(explained()) == len(set(explained()))
