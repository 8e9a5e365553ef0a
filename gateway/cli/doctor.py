"""`wicketgate doctor`: is everything there that a gateway needs?"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path

import click

from config import ConfigurationError, Settings, read_secret
from gateway.cli.config_option import config_option, loaded_or_exit
from gateway.cli.fail import fail
from gateway.cli.login_name import normalised
from gateway.cli.table import json_option
from gateway.doctor.backends import examine_backends
from gateway.doctor.cache import examine_cache
from gateway.doctor.certificates import examine_certificates
from gateway.doctor.finding import Examination, Finding, Level
from gateway.doctor.machine import examine_machine
from gateway.doctor.names import examine_names
from gateway.doctor.spellings import examine_spellings
from gateway.doctor.store import examine_store

_EXAMINATIONS: tuple[Examination, ...] = (
    examine_store,
    examine_cache,
    examine_certificates,
    examine_backends,
    examine_names,
    examine_machine,
)


@click.command()
@click.option(
    "--try-login", "login", help="Log a test user in at the backends too, under other spellings of this name."
)
@click.option(
    "--password-file", type=click.Path(path_type=Path), help="A file with that user's main password."
)
@config_option
@json_option
def doctor(login: str | None, password_file: Path | None, config_path: Path | None, as_json: bool) -> None:
    """Look at store, pepper, cache, certificates, backends, names, the running gateway and the machine.

    Every line that isn't ok says what to do. The exit code is 1 when something stands in the way of logins,
    and 78 when the configuration can't be used.
    """
    settings = loaded_or_exit(config_path, files=True).settings
    findings = []
    for finding in chain(_findings(settings), _spellings(settings, login, password_file)):
        findings.append(finding)
        if not as_json:
            click.echo(f"{finding.level:<8} {finding.area}: {finding.what}")
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    if any(finding.level is Level.FAILED for finding in findings):
        raise SystemExit(1)


def _findings(settings: Settings) -> Iterator[Finding]:
    for examine in _EXAMINATIONS:
        yield from examine(settings)


def _spellings(settings: Settings, login: str | None, file: Path | None) -> Iterator[Finding]:
    if (login is None) != (file is None):
        raise click.UsageError("--try-login and --password-file go together; give both.")
    if login is None or file is None:
        return
    try:
        password = read_secret(file)
    except ConfigurationError as error:
        fail(str(error))
    yield from examine_spellings(settings, normalised(settings, login), password)
