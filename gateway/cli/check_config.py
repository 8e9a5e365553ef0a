"""`wicketgate check-config`: every error of a configuration at once."""

import os
from pathlib import Path

import click

from config import Settings, default_path
from gateway.cli.config_option import config_option, loaded_or_exit
from gateway.doctor.backend_probe import Probe, probe
from gateway.doctor.cache import examine_cache
from gateway.doctor.finding import Level
from gateway.doctor.names import cautions


@click.command("check-config")
@config_option
@click.option(
    "--online", is_flag=True, help="Also connect to all backends and to Redis, with TLS as configured."
)
@click.option("--quiet", is_flag=True, help="Print errors only.")
def check_config(config_path: Path | None, online: bool, quiet: bool) -> None:
    """Check the configuration and the files that it names.

    Every error is printed at once, as file:line: key: what is wrong and what is allowed. The exit code is 0
    when all is well, 78 when the configuration can't be used, and 1 when a backend or
    Redis can't be used.
    """
    settings = loaded_or_exit(config_path, files=True).settings
    if not quiet:
        click.echo(f"{config_path or default_path(os.environ)}: all is well: {_summary(settings)}")
        for caution in cautions(settings):
            click.echo(f"warning: {caution}.", err=True)
    if online and not _all_reached(settings, quiet=quiet):
        raise SystemExit(1)


def _summary(settings: Settings) -> str:
    listeners = ", ".join(f"{listener.label} on {listener.address}" for listener in settings.listener)
    backends = ", ".join(backend.protocol for backend in settings.backend)
    return f"listeners: {listeners or 'none'}; backends: {backends or 'none'}"


def _all_reached(settings: Settings, *, quiet: bool) -> bool:
    probes = [
        probe(backend, address, settings.limits.backend_seconds)
        for backend in settings.backend
        for address in backend.address
    ]
    for result in probes:
        if not (quiet and result.ok):
            click.echo(_line(result), err=not result.ok)
    return _cache_serves(settings, quiet=quiet) and all(result.ok for result in probes)


def _cache_serves(settings: Settings, *, quiet: bool) -> bool:
    findings = list(examine_cache(settings))
    for finding in findings:
        ok = finding.level is Level.OK
        if not (quiet and ok):
            click.echo(f"{finding.area}: {'ok' if ok else 'failed'}: {finding.what}", err=not ok)
    return all(finding.level is Level.OK for finding in findings)


def _line(result: Probe) -> str:
    return f"backend {result.protocol} {result.address}: {'ok' if result.ok else 'failed'}: {result.what}"
