"""`wicketgate db`: the store's tables."""

import json
import os
from pathlib import Path

import click

from config import Settings
from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.outcome import fail, failures_told
from gateway.cli.table import json_option
from store import upgrade as schema
from store.database import Database
from store.pepper import create_pepper


@click.group()
def db() -> None:
    """The store's tables: bring them up to date, or see whether they are."""


@db.command()
@config_option
def upgrade(config_path: Path | None) -> None:
    """Create the store where there is none, and bring its tables up to date. Run it after every update."""
    settings = load_or_exit(config_path)
    with failures_told():
        if not settings.store.pepper_file.exists():
            _require_new_store(settings)
            create_pepper(settings.store.pepper_file)
            click.echo(
                f"Made a new pepper: {settings.store.pepper_file}\n"
                "Keep a copy in a safe place, apart from the database: without it no app password works."
            )
        schema.upgrade(settings.store.url)
        _make_portal_key(settings)
        click.echo(f"The store is up to date: {schema.status(settings.store.url).current}")


@db.command()
@config_option
@json_option
def status(config_path: Path | None, as_json: bool) -> None:
    """Whether the store's tables are up to date. Exit code 1 when they aren't."""
    settings = load_or_exit(config_path)
    with failures_told():
        found = schema.status(settings.store.url)
    up_to_date = found.current == found.newest
    if as_json:
        click.echo(json.dumps({"current": found.current, "newest": found.newest, "up_to_date": up_to_date}))
    elif up_to_date:
        click.echo(f"The store is up to date: {found.current}")
    if not up_to_date:
        fail(
            f"the store has {found.current or 'no tables'}, this version needs {found.newest}. "
            "Run: wicketgate db upgrade"
        )


def _make_portal_key(settings: Settings) -> None:
    """Here, as the portal's user may write nowhere that a key belongs."""
    path = settings.portal.key_file
    if path is None or os.path.lexists(path):
        return
    from store.portal.key import PortalKeyError, create_portal_key

    database = Database(settings.store.url)
    try:
        create_portal_key(database, path)
    except PortalKeyError as error:
        fail(str(error))
    finally:
        database.close()
    click.echo(
        f"Made a new key of the portal: {path}\n"
        "Keep a copy in a safe place: without it every user has to register a second step anew."
    )


def _require_new_store(settings: Settings) -> None:
    """With another pepper, every app password in the store would silently stop working."""
    if schema.status(settings.store.url).current is not None:
        fail(
            f"the store is in use, but its pepper is missing: {settings.store.pepper_file}. "
            "Put the file back from your backup; without it no app password works."
        )
