"""The demo: the real gateway in front of servers in memory, in one process on loopback."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click
from twisted.internet import asyncioreactor

from config import load
from gateway import log
from gateway.demo import ca, configuration
from gateway.demo.accounts import Accounts
from gateway.demo.directory.entries import BASE
from gateway.demo.people import directory, further_addresses, main_passwords, move_in
from gateway.demo.portal import portal
from gateway.demo.welcome import welcome
from gateway.serve import serve

_SHARED_PASSWORD = "known-to-the-gateway-and-the-demo's-servers"  # noqa: S105


def run(folder: Path, ports: dict[str, int], seconds: float | None, describe: Path | None) -> None:
    """Run until SIGTERM, Ctrl-C, or for `seconds`. Raises OSError, among others when a port is taken."""
    with asyncio.Runner() as runner:
        asyncioreactor.install(runner.get_loop())  # Twisted's servers run on the gateway's own loop
        from twisted.internet import reactor

        runner.run(_run(reactor, folder, ports, seconds, describe))


async def _run(
    reactor: Any, folder: Path, ports: dict[str, int], seconds: float | None, describe: Path | None
) -> None:
    from gateway.demo.servers import servers

    accounts = Accounts(main_passwords(), _SHARED_PASSWORD, further_addresses())
    tree = directory(_SHARED_PASSWORD)
    async with servers(reactor, configuration.HOST, accounts, tree) as backends:
        files = ca.create(folder)
        config = configuration.write(folder, ports, backends, _SHARED_PASSWORD)
        await _serve(config, files.ca, ports, seconds, describe)


async def _serve(
    config: Path, ca_file: Path, ports: dict[str, int], seconds: float | None, describe: Path | None
) -> None:
    settings = load(config, {}).settings
    log.configure(settings.log)
    people = move_in(settings)
    description = {
        "host": "localhost",
        "ca_file": str(ca_file),
        "config_file": str(config),
        "base_dn": BASE,
        "portal_url": settings.policy.portal_url,
        "ports": {name: port for name, port in ports.items() if name != configuration.PORTAL},
        "users": [one.described() for one in people],
    }

    def ready() -> None:
        click.echo(welcome(people, ports, settings.policy.portal_url, ca_file, config, Path(sys.argv[0])))
        if describe is not None:
            _write_whole(describe, json.dumps(description, indent=2))
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, os.kill, os.getpid(), signal.SIGTERM)

    async with portal(settings):
        await serve(settings, ready)


def _write_whole(path: Path, text: str) -> None:
    """Whoever waits for the file must never find half of it."""
    beside = path.with_name(path.name + ".new")
    try:
        beside.write_text(text)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
