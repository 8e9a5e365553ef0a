"""`wicketgate user`: who may pass, and in which MFA state."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.actor import actor
from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.login_name import normalised
from gateway.cli.main_password import set_password
from gateway.cli.outcome import fail, opened_store
from gateway.cli.table import json_option, show, shown
from gateway.cli.values import Moment, OneLine
from store import users
from store.database import Database
from store.distinguished_name import normalise_dn
from store.model import Account, MfaState, User
from store.portal import provider_accounts, unlocking

_STATES = click.Choice([state.value for state in MfaState])
_NO_SUCH_USER = "there is no user {}. `wicketgate user list` shows all."


@click.group()
def user() -> None:
    """Users: add, list, change, delete. Changes reach the running gateway within a second."""


user.add_command(set_password)


@user.command()
@click.argument("login")
@click.option(
    "--alias", "aliases", multiple=True, metavar="NAME", help="Another login name; may be repeated."
)
@click.option(
    "--mfa", type=_STATES, default=MfaState.DISABLED.value, show_default=True, help="The MFA state."
)
@click.option(
    "--backend-login", metavar="NAME", type=OneLine(), help="The name at the backend, if it's not LOGIN."
)
@click.option("--dn", metavar="DN", type=OneLine(), help="The user's entry in the directory.")
@config_option
def add(
    login: str,
    aliases: tuple[str, ...],
    mfa: str,
    backend_login: str | None,
    dn: str | None,
    config_path: Path | None,
) -> None:
    """Add a user. The main password stays where it is: at the backend."""
    settings = load_or_exit(config_path)
    name, *others = dict.fromkeys(normalised(settings, one) for one in (login, *aliases))
    with opened_store(settings) as store:
        try:
            added = users.add(store, name, others, MfaState(mfa), backend_login, dn, actor=actor())
        except users.InvalidDn as error:
            fail(str(error))
        if added is None:
            fail(_taken(store, [name, *others], dn))
    click.echo(f"Added {added.login} ({added.mfa}).")


def _taken(store: Database, wanted: list[str], dn: str | None) -> str:
    owners = ((name, users.find(store, name)) for name in wanted)
    whose = [f"{name} belongs to {owner.login}" for name, owner in owners if owner is not None]
    holder = users.account_by_dn(store, normalise_dn(dn) or "") if dn is not None else None
    if holder is not None:
        whose.append(f"the DN {dn} belongs to {holder.user.login}")
    return f"{'; '.join(whose) or 'a name was taken meanwhile'}. Choose another name, or delete that user."


@user.command("list")
@config_option
@json_option
def list_(config_path: Path | None, as_json: bool) -> None:
    """All users."""
    with opened_store(load_or_exit(config_path)) as store:
        rows = [_described(one) for one in users.list_users(store)]
    show(rows, as_json, "There are no users yet. Add one: wicketgate user add LOGIN")


@user.command("show")
@click.argument("login")
@config_option
@json_option
def show_(login: str, config_path: Path | None, as_json: bool) -> None:
    """One user, with the number of app passwords."""
    settings = load_or_exit(config_path)
    name = normalised(settings, login)
    with opened_store(settings) as store:
        account = users.account(store, name)
    if account is None:
        fail(_NO_SUCH_USER.format(name))
    told = _described(account.user) | _counts(account)
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        for key, value in told.items():
            click.echo(f"{key.replace('_', ' ')}: {shown(value)}")


@user.command("set-mfa")
@click.argument("login")
@click.argument("state", type=_STATES)
@click.option(
    "--grace-until",
    type=Moment(),
    help="With enabled: until when the main password still works (UTC). After it, as enforced.",
)
@config_option
def set_mfa(login: str, state: str, grace_until: datetime | None, config_path: Path | None) -> None:
    """Set the MFA state: disabled, enabled (not registered yet) or enforced (app passwords only)."""
    if grace_until is not None and state != MfaState.ENABLED:
        raise click.UsageError("--grace-until goes with the state enabled only.")
    settings = load_or_exit(config_path)
    name = normalised(settings, login)
    with opened_store(settings) as store:
        if not users.set_mfa(store, name, MfaState(state), grace_until, actor=actor()):
            fail(_NO_SUCH_USER.format(name))
    until = f" The main password works until {grace_until:%Y-%m-%d %H:%M} UTC." if grace_until else ""
    click.echo(f"{name} is now {state}.{until}")


@user.command("set-dn")
@click.argument("login")
@click.argument("dn", required=False, type=OneLine())
@click.option(
    "--none", "forget", is_flag=True, help="Forget the DN, so that template and search find the entry."
)
@config_option
def set_dn(login: str, dn: str | None, forget: bool, config_path: Path | None) -> None:
    """Set the DN of the user's entry in the directory, or forget it by --none."""
    if (dn is None) is not forget:
        raise click.UsageError("Give either a DN or --none.")
    settings = load_or_exit(config_path)
    name = normalised(settings, login)
    with opened_store(settings) as store:
        try:
            outcome = users.set_dn(store, name, dn, actor=actor())
        except users.InvalidDn as error:
            fail(str(error))
    if isinstance(outcome, users.DnTaken):
        fail(f"the DN {dn} belongs to {outcome.login}. Give another one, or take it from that user first.")
    if not outcome:
        fail(_NO_SUCH_USER.format(name))
    click.echo(f"{name} is {dn} in the directory." if dn else f"{name} has no DN of its own any more.")


@user.command()
@click.argument("login")
@config_option
def block(login: str, config_path: Path | None) -> None:
    """Refuse every login of a user, and cut the sessions that are open."""
    _set_blocked(login, config_path, True)


@user.command()
@click.argument("login")
@config_option
def unblock(login: str, config_path: Path | None) -> None:
    """Take back `block`."""
    _set_blocked(login, config_path, False)


@user.command()
@click.argument("login")
@config_option
def unlock(login: str, config_path: Path | None) -> None:
    """Forget a user's failed logins and wrong codes, so that both are tried again at once.

    The failures of an address that has failed with many names stay, until they lapse.
    """
    settings = load_or_exit(config_path)
    name = normalised(settings, login)
    with opened_store(settings) as store:
        found = users.find(store, name)
        if found is None or not unlocking.unlock(store, found.id, actor=actor()):
            fail(_NO_SUCH_USER.format(name))
    click.echo(f"Forgot the failed logins and wrong codes of {name}.")


@user.command()
@click.argument("login", required=False)
@click.option("--all", "every", is_flag=True, help="Of all users: the portal asks another provider now.")
@config_option
def unpin(login: str | None, every: bool, config_path: Path | None) -> None:
    """Forget with which account at the OpenID Connect provider a user has signed in to the portal.

    The next one that signs in under the user's name is the user's from then on. Sessions there are ended.
    """
    if (login is None) is not every:
        raise click.UsageError("Give either a LOGIN or --all.")
    settings = load_or_exit(config_path)
    name = normalised(settings, login) if login is not None else ""
    with opened_store(settings) as store:
        if not name:
            number = provider_accounts.forget_all(store, actor=actor())
            click.echo(f"The accounts of {number} users are forgotten.")
            return
        found = users.find(store, name)
        if found is None:
            fail(_NO_SUCH_USER.format(name))
        if not provider_accounts.forget(store, found.id, actor=actor()):
            fail(f"{name} has no account at the provider yet, so there is nothing to forget.")
    click.echo(f"The account of {name} is forgotten; the next one that signs in as {name} is kept.")


@user.command()
@click.argument("login")
@click.confirmation_option(
    prompt="This deletes the user's app passwords too; --yes skips this question. Delete the user?"
)
@config_option
def delete(login: str, config_path: Path | None) -> None:
    """Delete a user with all app passwords, and cut the sessions that are open."""
    settings = load_or_exit(config_path)
    name = normalised(settings, login)
    with opened_store(settings) as store:
        if not users.delete(store, name, actor=actor()):
            fail(_NO_SUCH_USER.format(name))
    click.echo(f"Deleted {name}.")


def _set_blocked(login: str, config_path: Path | None, blocked: bool) -> None:
    settings = load_or_exit(config_path)
    name = normalised(settings, login)
    with opened_store(settings) as store:
        if not users.set_blocked(store, name, blocked, actor=actor()):
            fail(_NO_SUCH_USER.format(name))
    click.echo(f"{name} is {'blocked' if blocked else 'no longer blocked'}.")


def _described(one: User) -> dict[str, Any]:
    return {
        "login": one.login,
        "aliases": list(one.aliases),
        "mfa": one.mfa.value,
        "grace_until": one.grace_until.isoformat() if one.grace_until else None,
        "blocked": one.blocked,
        "disabled": one.disabled,
        "backend_login": one.backend_login,
        "dn": one.dn,
    }


def _counts(account: Account) -> dict[str, Any]:
    deleted = sum(one.deleted_at is not None for one in account.app_passwords)
    return {
        "version": account.user.version,
        "created_at": account.user.created_at.isoformat(),
        "app_passwords": len(account.app_passwords) - deleted,
        "deleted_app_passwords": deleted,
    }
