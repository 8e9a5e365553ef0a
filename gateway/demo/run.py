"""The demo: the real gateway in front of a mail server in memory, in one process on loopback."""

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
from gateway.demo import ca, imap
from gateway.demo.people import main_passwords, move_in
from gateway.demo.welcome import welcome
from gateway.serve import serve

HOST = "127.0.0.1"
_SHARED_PASSWORD = "known-to-the-gateway-and-the-demo's-mail-server"  # noqa: S105
_CONFIG = """\
# The demo's configuration, made by `wicketgate demo`.
[store]
url = "sqlite:///{folder}/wicketgate.db"
pepper_file = "pepper"

[limits]
sessions = 1000
drain_seconds = 0

[tls]
certificate = "certificate.pem"
key = "key.pem"

[log]
level = "warning"

[control]
socket = "control.sock"

[[listener]]
protocol = "imap"
address = "{host}:{imaps}"
tls = "implicit"

[[listener]]
protocol = "imap"
address = "{host}:{imap}"
tls = "starttls"

[[backend]]
protocol = "imap"
address = "{host}:{backend}"
tls = "none"
login = "shared-password"
shared_password_file = "shared-password"
"""


def run(folder: Path, ports: dict[str, int], seconds: float | None, describe: Path | None) -> None:
    """Run until SIGTERM, Ctrl-C, or for `seconds`. Raises OSError, among others when a port is taken."""
    with asyncio.Runner() as runner:
        asyncioreactor.install(runner.get_loop())  # Twisted's servers run on the gateway's own loop
        from twisted.internet import reactor

        runner.run(_run(reactor, folder, ports, seconds, describe))


async def _run(
    reactor: Any, folder: Path, ports: dict[str, int], seconds: float | None, describe: Path | None
) -> None:
    files = ca.create(folder)
    backend = imap.listen(reactor, HOST, 0, main_passwords(), _SHARED_PASSWORD)
    config = _configure(folder, ports, backend.getHost().port)
    settings = load(config, {}).settings
    log.configure(settings.log)
    people = move_in(settings)
    description = {
        "host": "localhost",
        "ca_file": str(files.ca),
        "config_file": str(config),
        "ports": ports,
        "users": [one.described() for one in people],
    }

    def ready() -> None:
        click.echo(welcome(people, ports, files.ca, config, Path(sys.argv[0])))
        if describe is not None:
            _write_whole(describe, json.dumps(description, indent=2))
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, os.kill, os.getpid(), signal.SIGTERM)

    await serve(settings, ready)
    await backend.stopListening().asFuture(asyncio.get_running_loop())


def _configure(folder: Path, ports: dict[str, int], backend: int) -> Path:
    shared = folder / "shared-password"
    shared.touch(0o600)
    shared.write_text(_SHARED_PASSWORD)
    config = folder / "wicketgate.toml"
    config.write_text(_CONFIG.format(folder=folder, host=HOST, backend=backend, **ports))
    return config


def _write_whole(path: Path, text: str) -> None:
    """Whoever waits for the file must never find half of it."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text)
    beside.replace(path)
