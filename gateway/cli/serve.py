"""`wicketgate serve`: the gateway."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from config import Settings
from gateway import log
from gateway.cannot_listen import CannotListen
from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.fail import fail
from gateway.lifeline import received
from gateway.unraisable import log_unraisable_errors
from gateway.worker import Worker


@click.command()
@config_option
@click.option(
    "--workers",
    type=click.IntRange(0, 256),
    metavar="N",
    help="Processes that serve; else limits.workers, else one for each core. 0: serve in this process.",
)
@click.option(
    "--worker",
    "number",
    type=click.IntRange(0, 256),
    default=0,
    metavar="N",
    help="With --workers 0: which of several processes this one is.",
)
@click.option("--supervised", is_flag=True, hidden=True)
def serve(config_path: Path | None, workers: int | None, number: int, supervised: bool) -> None:
    """Run the gateway until SIGTERM or Ctrl-C.

    It then accepts nobody new and lets those who are in go on for limits.drain_seconds. A second signal ends
    it at once. SIGHUP reads the configuration again, and replaces the workers one after the other.
    """
    if number and workers:
        raise click.UsageError("--worker is for one that serves itself: --workers 0.")
    settings = _handed_over() if supervised else _loaded(config_path)
    log.configure(settings.log, number)
    log_unraisable_errors()
    alone = settings.limits.workers == 0 if workers is None else workers == 0
    with _failures_told():
        if alone or number:
            _serve_here(settings, Worker(number, supervised))
        else:
            from gateway.supervisor.run import run

            sys.exit(run(settings, config_path, workers))


def _serve_here(settings: Settings, worker: Worker) -> None:
    """What it needs is imported here: a supervisor needs neither the store nor the rest, and lives long."""
    from gateway.cli.outcome import failures_told
    from gateway.serve import serve as serve_until_stopped

    with failures_told():
        asyncio.run(serve_until_stopped(settings, worker=worker))


def _loaded(config_path: Path | None) -> Settings:
    settings = load_or_exit(config_path, files=True)
    if not settings.listener:
        fail("no [[listener]] is configured. Add one; `wicketgate config example` shows how.", os.EX_CONFIG)
    return settings


def _handed_over() -> Settings:
    try:
        return received(sys.stdin.buffer)
    except EOFError as error:
        fail(str(error))


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except CannotListen as error:
        fail(str(error))
    except OSError as error:
        fail(f"cannot serve: {error.strerror or error}. Run: wicketgate check-config")
