"""`wicketgate sessions`, `kick` and `status`: asking the running gateway, which may be several processes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.login_name import normalised
from gateway.cli.outcome import fail, opened_store
from gateway.cli.table import json_option, show, shown
from gateway.control import ask, sockets
from store import users

Answers = Sequence[dict[str, Any]]


@click.command()
@config_option
@json_option
def sessions(config_path: Path | None, as_json: bool) -> None:
    """Who is logged in now."""
    answers, silent = _ask(config_path, {"command": "sessions"})
    rows = [session for answer in answers for session in answer["sessions"]]
    show(sorted(rows, key=lambda row: row["since"]), as_json, "Nobody is logged in.")
    _tell_of(silent)


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
    answers, silent = _ask(config_path, {"command": "kick", "login": name})
    cut = sum(answer["cut"] for answer in answers)
    click.echo(f"Cut {cut} session{'' if cut == 1 else 's'} of {name}.")
    _tell_of(silent)


@click.command()
@config_option
@json_option
def status(config_path: Path | None, as_json: bool) -> None:
    """How the running gateway is doing. Exit code 1 when it doesn't follow the store's changes."""
    answers, silent = _ask(config_path, {"command": "status"})
    told = _whole(answers)
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        workers = told.pop("workers", [])
        for key, value in told.items():
            click.echo(f"{key.replace('_', ' ')}: {shown(value)}")
        for worker in workers:
            click.echo("; ".join(f"{key.replace('_', ' ')}: {shown(value)}" for key, value in worker.items()))
    _tell_of(silent)
    if not told["feed_fresh"]:
        fail("the gateway can't follow the store's changes, so logins get a temporary refusal. See its log.")


def _whole(answers: Answers) -> dict[str, Any]:
    """One process's own status; of several, the sums, the worst of what can't be summed, and `workers`."""
    if len(answers) == 1 and "worker" not in answers[0]:
        return dict(answers[0])
    whole: dict[str, Any] = {}
    for answer in answers:
        for key, value in answer.items():
            if key not in ("worker", "pid", "draining"):
                whole[key] = _together(key, whole[key], value) if key in whole else value
    return whole | {"workers": sorted(answers, key=lambda one: (one.get("worker", 0), one.get("pid", 0)))}


def _together(key: str, one: Any, other: Any) -> Any:
    if isinstance(one, bool):
        return one and other
    return max(one, other) if key.endswith("_seconds") else one + other


def _ask(config_path: Path | None, request: dict[str, Any]) -> tuple[Answers, Sequence[str]]:
    """What the processes of the gateway answer, and a sentence for each one that is there and doesn't."""
    path = load_or_exit(config_path).control.socket
    answers, silent = [], []
    absent: OSError | None = None
    for one in sockets(path):
        try:
            answers.append(ask(one, request))
        except PermissionError:
            fail(f"you may not open {one}. Only root and the gateway's own user may; use sudo.")
        except (FileNotFoundError, ConnectionRefusedError) as error:
            absent = absent or error
        except (OSError, ValueError) as error:
            silent.append(str(error) if isinstance(error, ValueError) else _silence(one, error))
    for answer in answers:
        if "error" in answer:
            fail(str(answer["error"]))
    if not answers:
        fail(silent[0] if silent else _absence(path, absent))
    return answers, silent


def _absence(path: Path, error: OSError | None) -> str:
    why = error.strerror if error is not None else "nobody is there"
    return f"no gateway answers on {path}: {why}. Start it, or check control.socket in the configuration."


def _silence(path: Path, error: OSError) -> str:
    return f"the gateway on {path} gave no answer: {error.strerror or error}. See its log."


def _tell_of(silent: Sequence[str]) -> None:
    """What was printed isn't all, when one of the processes doesn't answer."""
    if silent:
        fail(" ".join(silent))
