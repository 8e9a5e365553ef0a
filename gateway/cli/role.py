"""`wicketgate role`: who may look after other users in the portal."""

from pathlib import Path

import click

from gateway.cli.actor import actor
from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.login_name import normalised
from gateway.cli.outcome import fail, opened_store
from gateway.cli.table import json_option, show
from store import users
from store.database import Database
from store.domain_names import normalise_domain
from store.model import User
from store.portal import roles
from store.portal.roles import Role
from store.printable import printable


@click.group()
def role() -> None:
    """Roles in the portal: auditor (looks), help-desk (helps), administrator (all). They hold at once."""


@role.command()
@click.argument("login")
@click.argument("role_name", metavar="ROLE", type=click.Choice([one.value for one in Role]))
@click.option(
    "--domain", "domains", multiple=True, metavar="DOMAIN", help="Only for its users; may be repeated."
)
@config_option
def grant(login: str, role_name: str, domains: tuple[str, ...], config_path: Path | None) -> None:
    """Give a user a ROLE, in the place of another: auditor, help-desk or administrator.

    Without --domain it is for the users of all domains.
    """
    settings = load_or_exit(config_path)
    name, scope = normalised(settings, login), sorted({_domain(one) for one in domains})
    with opened_store(settings) as store:
        found = _user(store, name)
        roles.grant(store, found.id, Role(role_name), scope, actor=actor())
    click.echo(f"{found.login} is now {role_name} for {', '.join(scope) or 'all domains'}.")


@role.command()
@click.argument("login")
@config_option
def revoke(login: str, config_path: Path | None) -> None:
    """Take a user's role away."""
    settings = load_or_exit(config_path)
    name = normalised(settings, login)
    with opened_store(settings) as store:
        found = _user(store, name)
        if not roles.revoke(store, found.id, actor=actor()):
            fail(f"{found.login} has no role. `wicketgate role list` shows who has one.")
    click.echo(f"{found.login} has no role any more.")


@role.command("list")
@config_option
@json_option
def list_(config_path: Path | None, as_json: bool) -> None:
    """All who have a role."""
    with opened_store(load_or_exit(config_path)) as store:
        rows = [
            {"login": one.login, "role": one.held.role.value, "domains": sorted(one.held.domains) or ["all"]}
            for one in roles.holders(store)
        ]
    show(rows, as_json, "Nobody has a role. Grant one: wicketgate role grant LOGIN ROLE")


def _domain(text: str) -> str:
    domain = normalise_domain(text)
    if domain is None:
        fail(f'"{printable(text, 255)}" is not a mail domain; write it as in example.org.')
    return domain


def _user(store: Database, name: str) -> User:
    found = users.find(store, name)
    if found is None:
        fail(f"there is no user {name}. `wicketgate user list` shows all.")
    return found
