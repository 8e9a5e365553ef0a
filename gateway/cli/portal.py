"""`wicketgate portal`: the web portal."""

import os
from pathlib import Path

import click

from config import check_files
from gateway import log
from gateway.cli.config_option import config_option, exit_with, loaded_or_exit
from gateway.cli.outcome import fail, failures_told
from gateway.systemd import Notifier
from gateway.unraisable import log_unraisable_errors
from store.portal.key import PortalKeyError


@click.command()
@config_option
def portal(config_path: Path | None) -> None:
    """Run the web portal until SIGTERM or Ctrl-C."""
    from portal.serve import serve

    loaded = loaded_or_exit(config_path)
    if problems := [problem for problem in check_files(loaded) if not _is_the_gateways(problem.key)]:
        exit_with(problems)
    settings = loaded.settings
    if settings.portal.address is None:
        fail("no portal.address is configured. `wicketgate config example` shows how.", os.EX_CONFIG)
    log.configure(settings.log)
    log_unraisable_errors()
    notifier = Notifier(os.environ)
    with failures_told():
        try:
            serve(settings, notifier.ready)
            notifier.stopping()
        except PortalKeyError as error:
            fail(str(error))
        except OSError as error:
            fail(f"the portal can't listen: {error.strerror or error}. Check portal.address.")


def _is_the_gateways(key: str) -> bool:
    """Whether only the gateway uses this file, so that the portal's process needn't be able to read it."""
    return key.startswith("cache.") or key.endswith(("master_password_file", "shared_password_file"))
