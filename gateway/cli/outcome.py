"""How a command says that it was refused or has failed: one sentence on standard error, exit code 1."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from config import ConfigurationError, Settings
from gateway.cli.fail import fail as fail
from store.database import Database, StoreUnavailable
from store.pepper import PepperError
from store.redis.announcing import Announcer
from store.upgrade import require_current_schema


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
        announce = Announcer(settings.cache)
        database = Database(settings.store.url, announce=announce)
        try:
            require_current_schema(database)
            yield database
        finally:
            database.close()
            announce.close()
