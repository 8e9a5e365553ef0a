"""`wicketgate token`: who may use the portal's HTTP API."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from gateway.cli.actor import actor
from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.outcome import fail, opened_store
from gateway.cli.table import json_option, show
from store.domain_names import normalise_domain
from store.portal import tokens
from store.portal.tokens import Token, TokenRole
from store.printable import printable

_LONGEST_NAME = 64


@click.group()
def token() -> None:
    """Tokens for programs that use the portal's HTTP API."""


@token.command()
@click.argument("name")
@click.option("--role", type=click.Choice([one.value for one in TokenRole]), required=True)
@click.option(
    "--domain", "domains", multiple=True, metavar="DOMAIN", help="Only for its users; may be repeated"
)
@click.option("--days", type=click.IntRange(1, 3650), help="It expires after so many days; else never.")
@config_option
def create(
    name: str, role: str, domains: tuple[str, ...], days: int | None, config_path: Path | None
) -> None:
    """Make a token called NAME and print it. It is shown only now.

    self-service acts for a user, as an identity provider's own page does; auditor looks; help-desk and
    administrator are as for people.
    """
    settings = load_or_exit(config_path)
    if not 0 < len(name) <= _LONGEST_NAME or printable(name, _LONGEST_NAME) != name:
        fail(f"a token's name has 1 to {_LONGEST_NAME} characters that print. Choose another.", 2)
    scope = [_domain(one) for one in domains]
    expires_at = datetime.now(UTC) + timedelta(days=days) if days is not None else None
    with opened_store(settings) as store:
        made = tokens.create(store, name, TokenRole(role), scope, expires_at, actor=actor())
    if made is None:
        fail(f"there is a token called {name} already. Revoke it, or choose another name.")
    click.echo(made)


@token.command("list")
@config_option
@json_option
def list_(config_path: Path | None, as_json: bool) -> None:
    """List tokens, without what they are."""
    with opened_store(load_or_exit(config_path)) as store:
        found = tokens.tokens(store)
    show([_row(one) for one in found], as_json, "There are no tokens. `wicketgate token create` makes one.")


@token.command()
@click.argument("name")
@config_option
def revoke(name: str, config_path: Path | None) -> None:
    """Let nobody use the token called NAME any more."""
    with opened_store(load_or_exit(config_path)) as store:
        if not tokens.revoke(store, name, actor=actor()):
            fail(f"there is no token {printable(name, _LONGEST_NAME)}. `wicketgate token list` shows all.")
    click.echo(f"{name} is refused from now on.")


def _row(one: Token) -> dict[str, object]:
    moments = {"created": one.created_at, "expires": one.expires_at, "last_used": one.last_used_at}
    row: dict[str, object] = {"name": one.name, "role": one.role.value}
    row["domains"] = sorted(one.domains) or ["all"]
    for name, at in moments.items():
        row[name] = f"{at:%Y-%m-%dT%H:%M:%SZ}" if at is not None else None
    return row


def _domain(text: str) -> str:
    domain = normalise_domain(text)
    if domain is None:
        fail(f"{printable(text, 255)} is no domain. Write it as in example.org.", 2)
    return domain
