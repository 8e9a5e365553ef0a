"""`wicketgate import`: many users at once, from a file."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from config import Settings
from gateway.cli.actor import actor
from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.outcome import fail, opened_store
from gateway.cli.table import json_option, shown
from store import users
from store.importing import Plan, Problem, Read, Step, carry_out, plan, read_csv, read_passwd_file
from store.names import normalise_login

_FORMATS: dict[str, Callable[[str, Callable[[str], str | None]], Read]] = {
    "csv": read_csv,
    "passwd-file": read_passwd_file,
}
_LARGEST = 64 * 1024 * 1024  # bytes; a million users need less
_MOST_PROBLEMS_SHOWN = 50


@click.command("import")
@click.argument("form", metavar="FORMAT", type=click.Choice(list(_FORMATS)))
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@config_option
@json_option
def import_(form: str, file: Path, dry_run: bool, config_path: Path | None, as_json: bool) -> None:
    """Add and change users as FILE says (- is standard input). Nobody is deleted.

    FORMAT is csv, with a first line that names the columns: login, and any of aliases, mfa, grace_until,
    backend_login, dn, blocked. An empty value leaves what the user has. Or it is passwd-file, as Dovecot has
    it: its users are added, its passwords are not read. With an error in FILE nothing is changed.
    """
    settings = load_or_exit(config_path)
    read = _FORMATS[form](_text(file), _normalise(settings))
    with opened_store(settings) as store:
        made = (
            plan(read.entries, users.list_users(store)) if not read.problems else Plan((), 0, read.problems)
        )
        if made.problems:
            _refuse(made.problems, file)
        left = carry_out(store, made.steps, actor()) if not dry_run else []
    if as_json:
        click.echo(json.dumps(_described(made, left, dry_run), indent=2))
    else:
        click.echo("\n".join(_lines(made, left, dry_run)))
    if left:
        fail(
            "somebody changed the store meanwhile, or the DN belongs to another user. Import the file again."
        )


def _text(file: Path) -> str:
    try:
        with click.open_file(str(file), "rb") as stream:
            data: bytes = stream.read(_LARGEST + 1)
    except OSError as error:
        fail(f"{file} can't be read: {error.strerror or error}.")
    if len(data) > _LARGEST:
        fail(f"{file} is too large; allowed are {_LARGEST // 1024 // 1024} MiB. Import it in parts.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fail(f"{file}:{line}: it is not UTF-8. Save it as UTF-8 (Excel: CSV UTF-8), then try again.")


def _normalise(settings: Settings) -> Callable[[str], str | None]:
    login = settings.login
    return lambda name: normalise_login(
        name.encode(), login.default_domain, login.domains, login.recipient_delimiter
    )


def _refuse(problems: tuple[Problem, ...], file: Path) -> None:
    name = "standard input" if str(file) == "-" else file
    for problem in problems[:_MOST_PROBLEMS_SHOWN]:
        click.echo(f"{name}:{problem.line}: {problem.sentence}", err=True)
    more = len(problems) - _MOST_PROBLEMS_SHOWN
    fail(
        f"{f'and {more} more errors; ' if more > 0 else ''}nothing was imported. Correct the file, try again."
    )


def _lines(made: Plan, left: list[Step], dry_run: bool) -> Iterator[str]:
    for step in made.steps:
        yield _line(step)
    added = sum(step.user is None for step in made.steps)
    skipped = f" {len(left)} could not be done." if left else ""
    untouched = " Nothing was changed (--dry-run)." if dry_run else ""
    changed = len(made.steps) - added
    yield f"{added} added, {changed} changed, {made.unchanged} as they were.{skipped}{untouched}"


def _line(step: Step) -> str:
    if step.user is None:
        return f"+ {step.entry.login} (mfa {step.entry.mfa or 'disabled'})"
    told = [
        f"{name.replace('_', ' ')} {_shown(old)} → {_shown(new)}"
        for name, (old, new) in step.differences.items()
    ]
    return f"~ {step.user.login}: {'; '.join(told)}"


def _shown(value: Any) -> str:
    return shown(list(value) if isinstance(value, tuple) else value)


def _described(made: Plan, left: list[Step], dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "added": [step.entry.login for step in made.steps if step.user is None],
        "changed": {
            step.entry.login: {key: {"old": old, "new": new} for key, (old, new) in step.differences.items()}
            for step in made.steps
            if step.user is not None
        },
        "unchanged": made.unchanged,
        "not_done": [step.entry.login for step in left],
    }
