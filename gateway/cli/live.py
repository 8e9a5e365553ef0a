"""`wicketgate sessions`, `kick` and `status`: asking the running gateway."""

import json
from pathlib import Path
from typing import Any

import click

from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.login_name import normalised
from gateway.cli.outcome import fail, opened_store
from gateway.cli.table import json_option, show, shown
from gateway.control import ask
from store import users


@click.command()
@config_option
@json_option
def sessions(config_path: Path | None, as_json: bool) -> None:
    """Who is logged in now."""
    answer = _ask(config_path, {"command": "sessions"})
    show(answer["sessions"], as_json, "Nobody is logged in.")


@click.command()
@click.argument("login")
@config_option
def kick(login: str, config_path: Path | None) -> None:
    """Cut all sessions of a user at once. To keep the user out, block the user or delete the app password."""
    settings = load_or_exit(config_path)
    name = normalised(settings, login)
    with opened_store(settings) as store:
        found = users.find(store, name)  # sessions have the login of the user, not an alias
    name = found.login if found is not None else name
    cut = _ask(config_path, {"command": "kick", "login": name})["cut"]
    click.echo(f"Cut {cut} session{'' if cut == 1 else 's'} of {name}.")


@click.command()
@config_option
@json_option
def status(config_path: Path | None, as_json: bool) -> None:
    """How the running gateway is doing. Exit code 1 when it doesn't follow the store's changes."""
    answer = _ask(config_path, {"command": "status"})
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        for key, value in answer.items():
            click.echo(f"{key.replace('_', ' ')}: {shown(value)}")
    if not answer["feed_fresh"]:
        fail("the gateway can't follow the store's changes, so logins get a temporary refusal. See its log.")


def _ask(config_path: Path | None, request: dict[str, Any]) -> dict[str, Any]:
    path = load_or_exit(config_path).control.socket
    try:
        answer = ask(path, request)
    except PermissionError:
        fail(f"you may not open {path}. Only root and the gateway's own user may; use sudo.")
    except OSError as error:
        fail(
            f"no gateway answers on {path}: {error.strerror or error}. "
            "Start it, or check control.socket in the configuration."
        )
    except ValueError as error:
        fail(str(error))
    if "error" in answer:
        fail(str(answer["error"]))
    return answer
