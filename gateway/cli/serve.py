"""`wicketgate serve`: the gateway."""

import asyncio
import os
from pathlib import Path

import click

from gateway import log
from gateway.cannot_listen import CannotListen
from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.outcome import fail, failures_told
from gateway.serve import serve as serve_until_stopped


@click.command()
@config_option
def serve(config_path: Path | None) -> None:
    """Run the gateway until SIGTERM or Ctrl-C.

    It then accepts nobody new and lets those who are in go on for limits.drain_seconds. A second signal ends
    it at once.
    """
    settings = load_or_exit(config_path, files=True)
    if not settings.listener:
        fail("no [[listener]] is configured. Add one; `wicketgate config example` shows how.", os.EX_CONFIG)
    log.configure(settings.log)
    with failures_told():
        try:
            asyncio.run(serve_until_stopped(settings))
        except CannotListen as error:
            fail(str(error))
        except OSError as error:
            fail(f"cannot serve: {error.strerror or error}. Run: wicketgate check-config")
