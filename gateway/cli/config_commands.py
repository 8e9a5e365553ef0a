"""`wicketgate config`: the annotated example, the schema, what is in force, what clients enter, a key."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from config import Settings, client_settings, dotted, example, leaves, srv_records
from gateway.cli.config_option import config_option, load_or_exit, loaded_or_exit
from gateway.cli.outcome import fail
from gateway.cli.table import json_option, show

_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


@click.group()
def config() -> None:
    """Show the example, the schema, the configuration in force, or what clients enter; make a key."""


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


@config.command("clients")
@config_option
@json_option
def config_clients(config_path: Path | None, as_json: bool) -> None:
    """Print what users enter into a mail client: host, port and security (tls, starttls, none)."""
    rows = [asdict(one) for one in client_settings(load_or_exit(config_path))]
    nothing = (
        "There is nothing to enter: no [[listener]] has TLS and is open to all. Set public_address where a "
        "load balancer stands in front."
    )
    show(rows, as_json, nothing)


@config.command("srv")
@click.argument("domain")
@config_option
def config_srv(domain: str, config_path: Path | None) -> None:
    """Print SRV records for the zone of a mail DOMAIN, by which mail programs find the servers."""
    settings = load_or_exit(config_path)
    name = domain.strip(".").lower()
    if not _DOMAIN.fullmatch(name):
        click.echo(f"{click.format_filename(domain)} is no domain. Write it as in example.org.", err=True)
        raise SystemExit(2)
    lines = srv_records(settings, name)
    if not lines:
        click.echo("There is nothing to find: no [[listener]] has TLS and is open to all.", err=True)
        raise SystemExit(1)
    click.echo("\n".join(lines))


@config.command("cache-key")
@click.argument("file", type=click.Path(path_type=Path))
def config_cache_key(file: Path) -> None:
    """Make a key for cache.key_file in FILE. All nodes get the same one.

    It seals what lies in Redis. It may be lost: then everything is remembered anew.
    """
    from store.redis.keys import create_cache_key

    try:
        create_cache_key(file)
    except FileExistsError:
        fail(f"{file} already exists and is left as it is. Name another file.")
    except OSError as error:
        fail(f"{file} can't be written: {error.strerror}. Check the folder and its permissions.")
    click.echo(f"Made a new key: {file}\nCopy it to all nodes, readable for the gateway alone.")


def _settings(settings: Settings) -> list[tuple[str, Any]]:
    return [(dotted(key), value) for key, value in leaves(settings.model_dump(mode="json"))]


def _line(row: dict[str, Any]) -> str:
    value = "(not set)" if row["value"] is None else json.dumps(row["value"], ensure_ascii=False)
    return f"{row['key']} = {value}" + (f"  # {row['origin']}" if "origin" in row else "")
