"""How listing commands show what they found: a table for people, JSON for programs."""

import json
from collections.abc import Sequence
from typing import Any

import click


def show(rows: Sequence[dict[str, Any]], as_json: bool, nothing: str) -> None:
    """Print the rows; `nothing` is the sentence for none. All rows have the same keys."""
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif not rows:
        click.echo(nothing)
    else:
        _show_table(rows)


def _show_table(rows: Sequence[dict[str, Any]]) -> None:
    titles = [key.replace("_", " ").upper() for key in rows[0]]
    cells = [[shown(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    for line in [titles, *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def shown(value: Any) -> str:
    """A value of JSON, for people."""
    if value is None or value in ("", []):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
