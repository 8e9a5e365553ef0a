"""`wicketgate doctor`: is everything there that a gateway needs?"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from config import Settings
from gateway.cli.config_option import config_option, loaded_or_exit
from gateway.cli.table import json_option
from gateway.doctor.backends import examine_backends
from gateway.doctor.cache import examine_cache
from gateway.doctor.certificates import examine_certificates
from gateway.doctor.finding import Examination, Finding, Level
from gateway.doctor.machine import examine_machine
from gateway.doctor.store import examine_store

_EXAMINATIONS: tuple[Examination, ...] = (
    examine_store,
    examine_cache,
    examine_certificates,
    examine_backends,
    examine_machine,
)


@click.command()
@config_option
@json_option
def doctor(config_path: Path | None, as_json: bool) -> None:
    """Look at store, pepper, cache, certificates, backends, the running gateway and the machine.

    Every line that isn't ok says what to do. The exit code is 1 when something stands in the way of logins,
    and 78 when the configuration can't be used.
    """
    settings = loaded_or_exit(config_path, files=True).settings
    findings = []
    for finding in _findings(settings):
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
