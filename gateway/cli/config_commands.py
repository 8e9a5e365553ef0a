"""`wicketgate config`: the annotated example, the schema, and what is in force."""

import json
from pathlib import Path
from typing import Any

import click

from config import Settings, dotted, example, leaves
from gateway.cli.config_option import config_option, loaded_or_exit


@click.group()
def config() -> None:
    """Show the example, the schema, or the configuration in force."""


@config.command("example")
def config_example() -> None:
    """Print the annotated example: every setting, its default and what is allowed."""
    click.echo(example(), nl=False)


@config.command("schema")
def config_schema() -> None:
    """Print the JSON schema of the configuration file."""
    click.echo(json.dumps(Settings.model_json_schema(), indent=2))


@config.command("show")
@config_option
@click.option("--origin", is_flag=True, help="Also tell where each value comes from.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def config_show(config_path: Path | None, origin: bool, as_json: bool) -> None:
    """Print every setting in force. Secrets are never in it, only the files that hold them."""
    loaded = loaded_or_exit(config_path)
    rows = [
        {"key": key, "value": value} | ({"origin": loaded.origin(key)} if origin else {})
        for key, value in _settings(loaded.settings)
    ]
    click.echo(json.dumps(rows, indent=2) if as_json else "\n".join(map(_line, rows)))


def _settings(settings: Settings) -> list[tuple[str, Any]]:
    return [(dotted(key), value) for key, value in leaves(settings.model_dump(mode="json"))]


def _line(row: dict[str, Any]) -> str:
    value = "(not set)" if row["value"] is None else json.dumps(row["value"], ensure_ascii=False)
    return f"{row['key']} = {value}" + (f"  # {row['origin']}" if "origin" in row else "")
