"""What docs/security.md points at is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"`(test_\w+)`")
DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)


def test_every_test_that_the_map_names_exists():
    named = set(NAMED.findall((ROOT / "docs" / "security.md").read_text()))
    there = {
        name for file in (ROOT / "tests").rglob("test_*.py") for name in DEFINED.findall(file.read_text())
    }
    assert len(named) > 50
    assert named - there == set()


def test_every_attack_of_the_portal_has_a_test_of_its_name():
    there = " ".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py"))
    wanted = [f"test_web_{number:02}_" for number in range(1, 12)]
    wanted += [f"test_wa_{number:02}_" for number in range(1, 7)]
    assert [name for name in wanted if name not in there] == []
