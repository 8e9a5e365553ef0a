"""`wicketgate audit`: who changed what, for whom."""

import pytest

FRITZ, DORA = "fritz@example.test", "dora@example.test"


@pytest.fixture
def acts(shell):
    shell.add(FRITZ)
    shell.add(DORA)
    shell("user", "block", DORA)
    return lambda *words: [(one["login"], one["action"]) for one in shell("audit", *words, "--json").json]


def test_the_newest_act_is_first(acts):
    assert acts() == [(DORA, "blocked"), (DORA, "user-added"), (FRITZ, "user-added")]


def test_filters(acts, shell):
    assert acts(FRITZ) == [(FRITZ, "user-added")]
    assert acts("--action", "blocked") == [(DORA, "blocked")]
    assert acts("--limit", "1") == [(DORA, "blocked")]
    assert acts("--actor", "cli:nobody-else") == []
    assert len(acts("--since", "2026-01-01")) == 3
    assert acts("--since", "2999-01-01") == []


def test_people_see_a_table(acts, shell):
    first, second, *_ = shell("audit", "--action", "blocked").out.splitlines()
    assert first.split() == ["AT", "ACTOR", "ACTION", "LOGIN", "DETAIL"]
    assert second.split()[2:4] == ["blocked", DORA]
    assert shell("audit", "--action", "nothing").out == "Nothing that fits was ever changed.\n"


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01", "9999-12-31T23:59-23:00"])
def test_what_is_no_date_is_told(shell, moment):
    assert f'"{moment}" is not a date' in shell.misused("audit", "--since", moment)
