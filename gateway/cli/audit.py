"""`wicketgate audit`: who changed what, for whom."""

from datetime import datetime
from pathlib import Path

import click

from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.login_name import normalised
from gateway.cli.outcome import opened_store
from gateway.cli.table import json_option, show
from gateway.cli.values import Moment
from store import audit as trail


@click.command()
@click.argument("login", required=False)
@click.option("--since", type=Moment(to_come=False), help="Only what happened since then (UTC).")
@click.option("--actor", metavar="NAME", help="Only what this actor did, as in cli:root.")
@click.option("--action", metavar="WHAT", help="Only such changes, as in app-password-deleted.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="At most so many."
)
@config_option
@json_option
def audit(
    login: str | None,
    since: datetime | None,
    actor: str | None,
    action: str | None,
    limit: int,
    config_path: Path | None,
    as_json: bool,
) -> None:
    """Who changed what, the newest first: of one LOGIN or of all."""
    settings = load_or_exit(config_path)
    name = normalised(settings, login) if login is not None else None
    with opened_store(settings) as store:
        found = trail.entries(store, name, limit, since=since, actor=actor, action=action)
    rows = [
        {
            "at": entry.at.isoformat(timespec="seconds"),
            "actor": entry.actor,
            "action": entry.action,
            "login": entry.login,
            "detail": entry.detail,
        }
        for entry in found
    ]
    show(rows, as_json, "Nothing that fits was ever changed.")
