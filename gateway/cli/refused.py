"""`wicketgate refused`: which devices are turned away, and why, in plain words."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.login_name import normalised
from gateway.cli.outcome import opened_store
from gateway.cli.table import json_option, show
from gateway.judgement import Why
from gateway.refused import OBSERVED_SLUG
from store.refused_logins import Refused, list_refused

_SENTENCES = {why.slug: why.sentence for why in Why} | {
    OBSERVED_SLUG: "gets in with the main password, and would be refused if it were enforced"
}


@click.command()
@click.argument("login", required=False)
@click.option("--reason", type=click.Choice(sorted(_SENTENCES)), help="Only those with this reason.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="At most so many."
)
@config_option
@json_option
def refused(
    login: str | None, reason: str | None, limit: int, config_path: Path | None, as_json: bool
) -> None:
    """Devices whose logins were refused in the last 90 days, the newest first: of one LOGIN or of all users.

    With policy.observe, those that enforcing would refuse are among them: --reason observed.
    """
    settings = load_or_exit(config_path)
    name = normalised(settings, login) if login is not None else None
    with opened_store(settings) as store:
        found = list_refused(store, name, reason, limit)
    if as_json:
        click.echo(json.dumps([_described(one) for one in found], indent=2))
    else:
        show([_row(one) for one in found], False, "Nobody was refused.")


def _row(one: Refused) -> dict[str, Any]:
    device = one.device
    called = f' ("{one.app_password}")' if one.app_password else ""
    return {
        "last": _minute(one.times.last),
        "times": one.times.count,
        "login": one.login,
        "protocol": device.protocol,
        "address": device.address,
        "client": device.client,
        "why": _SENTENCES.get(device.reason, device.reason) + called,
    }


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _described(one: Refused) -> dict[str, Any]:
    device = one.device
    return {
        "login": one.login,
        "protocol": device.protocol,
        "address": device.address,
        "client": device.client,
        "reason": device.reason,
        "app_password_id": device.app_password_id or None,
        "app_password": one.app_password,
        "count": one.times.count,
        "first": one.times.first.isoformat(timespec="seconds"),
        "last": one.times.last.isoformat(timespec="seconds"),
    }
