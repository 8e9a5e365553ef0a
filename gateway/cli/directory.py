"""`wicketgate directory`: brings users over from the directory."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from config import Settings
from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.outcome import fail, opened_store
from gateway.cli.table import json_option, shown
from store.directory import DirectoryUnavailable, Report, SyncStopped, synchronise
from store.directory.state import Change, Difference


@click.group()
def directory() -> None:
    """The directory that users come from."""


@directory.command()
@click.option("--dry-run", is_flag=True, help="Print what would change, and change nothing.")
@click.option("--full", is_flag=True, help="Look at all entries, not only at those that changed.")
@click.option("--adopt", is_flag=True, help="Take over users of the same login who were added here.")
@click.option("--force", is_flag=True, help="Go on though most of the users would be disabled.")
@config_option
@json_option
def sync(
    dry_run: bool, full: bool, adopt: bool, force: bool, config_path: Path | None, as_json: bool
) -> None:
    """Bring users, aliases, disabled accounts and MFA states over from the directory.

    Nobody is deleted, and app passwords are not touched. What was skipped, since a name belongs to somebody
    else, is printed with "!". --adopt looks at all entries, and leaves users alone who have a role, another
    DN or a stricter MFA state.
    """
    settings = load_or_exit(config_path, files=True)
    _require_base(settings)
    with opened_store(settings) as store:
        try:
            report = synchronise(store, settings, full=full, force=force, dry_run=dry_run, adopt=adopt)
        except (DirectoryUnavailable, SyncStopped) as error:
            fail(str(error))
    if as_json:
        click.echo(json.dumps(_described(report), indent=2))
    else:
        click.echo("\n".join(_lines(report)))


def _require_base(settings: Settings) -> None:
    if not settings.directory.search_base:
        fail(
            "directory.search_base is not set, so there is nothing to bring over. Set it to the entry below "
            "which the users are; `wicketgate config example` shows how."
        )


def _lines(report: Report) -> Iterator[str]:
    for change in report.changes:
        yield _line(change)
    for problem in report.problems:
        yield f"! {problem.entry}: {problem.sentence}"
    yield _summary(report)


def _line(change: Change) -> str:
    after = change.after
    if change.kind == "added":
        aliases = f", aliases {shown(list(after.aliases))}" if after.aliases else ""
        locked = ", disabled" if after.disabled else ""
        return f"+ {after.login} (mfa {after.mfa}{locked}{aliases}): {after.dn}"
    if change.kind == "gone":
        return f"- {after.login}: disabled, since its entry is gone"
    told = "; ".join(map(_difference, change.differences()))
    login = change.user.login if change.user is not None else after.login
    return f"{'-' if _is_disabled_by(change) else '~'} {login}: {told}"


def _difference(one: Difference) -> str:
    old, new = (shown(list(value) if isinstance(value, tuple) else value) for value in (one.old, one.new))
    return f"{one.key.replace('_', ' ')} {old} → {new}"


def _is_disabled_by(change: Change) -> bool:
    return change.user is not None and change.after.disabled and not change.user.disabled


def _summary(report: Report) -> str:
    added = sum(change.kind == "added" for change in report.changes)
    disabled = sum(map(_is_disabled_by, report.changes))
    counts = (
        f"{report.entries} {'entry' if report.entries == 1 else 'entries'}"
        f" {'in all' if report.full else 'that changed lately'}: {added} added, "
        f"{len(report.changes) - added - disabled} changed, {disabled} disabled, "
        f"{len(report.problems)} skipped, {report.unchanged} as they were."
    )
    return counts + (" Nothing was changed (--dry-run)." if report.dry_run else "")


def _described(report: Report) -> dict[str, Any]:
    return {
        "full": report.full,
        "dry_run": report.dry_run,
        "entries": report.entries,
        "changes": [_described_change(change) for change in report.changes],
        "skipped": [{"entry": one.entry, "why": one.sentence} for one in report.problems],
        "unchanged": report.unchanged,
    }


def _described_change(change: Change) -> dict[str, Any]:
    after = change.after
    return {
        "what": "disabled" if _is_disabled_by(change) else change.kind,
        "login": change.user.login if change.user is not None else after.login,
        "differences": {one.key: {"old": one.old, "new": one.new} for one in change.differences()},
        "user": {
            "login": after.login,
            "aliases": list(after.aliases),
            "mfa": after.mfa.value,
            "disabled": after.disabled,
            "dn": after.dn,
        },
    }
