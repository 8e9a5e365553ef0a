"""How a command says that it was refused or has failed: one sentence on standard error, exit code 1."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from config import ConfigurationError, Settings
from store.database import Database, StoreUnavailable
from store.pepper import PepperError
from store.upgrade import require_current_schema


def fail(sentence: str, code: int = 1) -> NoReturn:
    """End the command."""
    click.echo(f"wicketgate: {sentence}", err=True)
    raise SystemExit(code)


@contextmanager
def failures_told() -> Iterator[None]:
    """Turn what a command can't do anything about into its one sentence."""
    try:
        yield
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        raise SystemExit(os.EX_CONFIG) from None
    except (StoreUnavailable, PepperError) as error:
        fail(str(error))


@contextmanager
def opened_store(settings: Settings) -> Iterator[Database]:
    """The store, if it has the schema of this version."""
    with failures_told():
        database = Database(settings.store.url)
        try:
            require_current_schema(database)
            yield database
        finally:
            database.close()
