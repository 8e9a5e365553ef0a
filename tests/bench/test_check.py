"""Which ratios of a run of the benchmark count as grown."""

import json
from pathlib import Path

import pytest

from bench import check

BENCH = Path(__file__).parents[2] / "bench"

BINDS = check.Expected("ldap", "tls c32", "slapd-ldap", "cpu_ms", 1.2)


def run(*figures, mode="ldap", variant="tls c32", peer="slapd-ldap"):
    """The rows of rounds in which we and the peer needed so much."""
    rows = []
    for number, (ours, theirs) in enumerate(figures, 1):
        same = {"mode": mode, "variant": variant, "round": number}
        rows += [{"target": check.OURS, "cpu_ms": ours, **same}, {"target": peer, "cpu_ms": theirs, **same}]
    return rows


def ratio(rows):
    return check.compare([BINDS], rows)[0].ratio


def test_a_ratio_is_the_median_of_the_rounds():
    assert ratio(run((0.2, 0.1), (0.4, 0.4), (0.9, 0.3))) == pytest.approx(2.0)


def test_a_slow_machine_changes_no_ratio():
    assert ratio(run((2.4, 2.0), (0.12, 0.1))) == pytest.approx(1.2)


@pytest.mark.parametrize(("ours", "grown"), [(0.10, False), (0.137, False), (0.139, True), (0.3, True)])
def test_fifteen_percent_are_let_pass(ours, grown):
    found = check.compare([BINDS], run((ours, 0.1)))[0]
    assert found.has_grown == grown
    assert ("GROWN" in str(found)) == grown


@pytest.mark.parametrize(
    "rows",
    [
        [],
        run((0.2, 0.1), mode="login"),
        run((0.2, 0.1), variant="tls c1"),
        run((0.2, 0.1), peer="slapd"),
        run((0.2, 0.0)),
        run((0.2, 0.1))[:1],
    ],
    ids=["nothing", "another mode", "another row", "another peer", "a peer without figures", "no peer"],
)
def test_what_was_not_measured_is_said_to_be_so(rows):
    found = check.compare([BINDS], rows)[0]
    assert found.ratio is None
    assert not found.has_grown
    assert str(found).startswith("not measured")


def test_only_figures_of_one_round_are_compared():
    rows = run((0.2, 0.1), (0.8, 0.4))
    del rows[1], rows[-2]
    assert ratio(rows) is None


def test_the_table_of_the_repository_can_be_read():
    expected = check.read_expected((BENCH / "expected.toml").read_text())
    assert {one.mode for one in expected} >= {"login", "messages", "relay", "ldap", "searches"}
    assert all(one.ratio > 0 for one in expected)


@pytest.mark.parametrize(("ours", "code"), [(0.1, 0), (0.9, 1)])
def test_a_grown_ratio_shows_in_the_exit_code(tmp_path, capsys, ours, code):
    results = tmp_path / "results.jsonl"
    lines = [{"machine": "x"}, *run((ours, 0.1))]
    results.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert check.main([str(results)]) == code
    assert ("GROWN" in capsys.readouterr().out) == bool(code)


def test_a_run_without_any_expected_row_is_no_success(tmp_path, capsys):
    results = tmp_path / "results.jsonl"
    results.write_text(json.dumps({"machine": "x"}) + "\n")
    assert check.main([str(results)]) == 1
    assert "Nothing that is expected was measured" in capsys.readouterr().out
