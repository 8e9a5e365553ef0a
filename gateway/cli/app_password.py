"""`wicketgate app-password`: create one, list them, delete them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import click

from config import Network, ProtocolName, Settings
from gateway.cli.actor import actor
from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.login_name import normalised
from gateway.cli.outcome import fail, opened_store
from gateway.cli.table import json_option, show
from gateway.cli.values import Duration, NetworkOption
from gateway.rules import Rulebook
from store import app_passwords, users
from store.database import Database
from store.hashing import Argon2
from store.model import AppPassword, User
from store.pepper import load_pepper
from store.secret import grouped

_PROTOCOLS: tuple[ProtocolName, ...] = get_args(ProtocolName)


@click.group("app-password")
def app_password() -> None:
    """App passwords. Deleting one reaches the running gateway within a second and cuts its sessions."""


@app_password.command()
@click.argument("login")
@click.option("--name", required=True, help="What it's for, such as the device. 1 to 64 characters.")
@click.option(
    "--protocol",
    "protocols",
    multiple=True,
    type=click.Choice(_PROTOCOLS),
    help="Where it may be used; may be repeated. Default: all protocols.",
)
@click.option(
    "--expires", type=Duration(), help="After how long it stops working: 90d, 12w, 1y. Default: never."
)
@click.option(
    "--network",
    "networks",
    multiple=True,
    type=NetworkOption(),
    help="From where it may be used; may be repeated.",
)
@config_option
@json_option
def create(
    login: str,
    name: str,
    protocols: tuple[ProtocolName, ...],
    expires: timedelta | None,
    networks: tuple[Network, ...],
    config_path: Path | None,
    as_json: bool,
) -> None:
    """Create an app password and print it, once: it can't be shown again."""
    settings = load_or_exit(config_path)
    with opened_store(settings) as store:
        owner = _owner(settings, store, login)
        scopes = protocols or _PROTOCOLS
        _check_policy(settings, owner, scopes)
        try:
            made = app_passwords.create(
                store,
                load_pepper(settings.store.pepper_file),
                Argon2(settings.argon2.memory_kib, settings.argon2.time_cost, settings.argon2.parallelism),
                owner.id,
                name,
                scopes,
                networks,
                datetime.now(UTC) + expires if expires else None,
                limit=settings.policy.max_app_passwords,
                actor=actor(),
            )
        except (app_passwords.InvalidName, app_passwords.NoSuchUser) as error:
            fail(str(error))
    if isinstance(made, app_passwords.LimitReached):
        fail(
            f"{owner.login} has {made.limit} app passwords, and no more are allowed. Delete one first; "
            f"`wicketgate app-password list {owner.login}` shows all."
        )
    _show_once(*made, as_json)


@app_password.command("list")
@click.argument("login")
@click.option("--deleted", is_flag=True, help="Show deleted ones too.")
@config_option
@json_option
def list_(login: str, deleted: bool, config_path: Path | None, as_json: bool) -> None:
    """A user's app passwords, and when each was last used."""
    settings = load_or_exit(config_path)
    with opened_store(settings) as store:
        owner = _owner(settings, store, login)
        found = app_passwords.list_app_passwords(store, owner.id)
        if deleted:
            found += app_passwords.list_app_passwords(store, owner.id, deleted=True)
    show([_described(one) for one in found], as_json, f"{owner.login} has no app passwords.")


@app_password.command()
@click.argument("login")
@click.argument("id")
@config_option
def delete(login: str, id: str, config_path: Path | None) -> None:
    """Delete one app password; ID is shown by `list`."""
    settings = load_or_exit(config_path)
    with opened_store(settings) as store:
        owner = _owner(settings, store, login)
        if not app_passwords.delete(store, owner.id, id, actor=actor()):
            fail(
                f'{owner.login} has no app password "{id}" that could be deleted. '
                f"`wicketgate app-password list {owner.login}` shows all."
            )
    click.echo(f"Deleted app password {id} of {owner.login}.")


@app_password.command("delete-all")
@click.argument("login")
@config_option
def delete_all(login: str, config_path: Path | None) -> None:
    """Delete all app passwords of a user."""
    settings = load_or_exit(config_path)
    with opened_store(settings) as store:
        owner = _owner(settings, store, login)
        number = app_passwords.delete_all(store, owner.id, actor=actor())
    click.echo(f"Deleted {number} app password{'' if number == 1 else 's'} of {owner.login}.")


def _owner(settings: Settings, store: Database, login: str) -> User:
    name = normalised(settings, login)
    found = users.find(store, name)
    if found is None:
        fail(f"there is no user {name}. `wicketgate user list` shows all.")
    return found


def _check_policy(settings: Settings, owner: User, scopes: tuple[ProtocolName, ...]) -> None:
    rulebook = Rulebook(settings.policy)
    for protocol in scopes:
        allowed = rulebook.rules(owner.login, protocol).app_passwords
        if allowed != "allowed":
            fail(
                f"the policy does not allow new app passwords for {owner.login} over {protocol} "
                f'(app_passwords = "{allowed}"). Change it, or name other protocols by --protocol.'
            )


def _show_once(made: AppPassword, secret: str, as_json: bool) -> None:
    if as_json:
        click.echo(
            json.dumps({"id": made.id, "name": made.name, "secret": secret, "scopes": sorted(made.scopes)})
        )
        return
    click.echo(f"{grouped(secret)}\n")
    click.echo(
        f'This is the app password "{made.name}" (id {made.id}). It is shown only now. '
        "Spaces, dashes and capitals don't matter."
    )


def _described(one: AppPassword) -> dict[str, Any]:
    used = one.last_used
    return {
        "id": one.id,
        "name": one.name,
        "protocols": sorted(one.scopes),
        "networks": [str(network) for network in one.networks],
        "created": one.created_at.isoformat(timespec="seconds"),
        "expires": one.expires_at.isoformat(timespec="seconds") if one.expires_at else None,
        "deleted": one.deleted_at.isoformat(timespec="seconds") if one.deleted_at else None,
        "last_used": used.at.isoformat(timespec="seconds") if used else None,
        "last_protocol": used.protocol if used else None,
        "last_address": used.address if used else None,
        "last_client": used.client if used else None,
    }
