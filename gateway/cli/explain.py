"""`wicketgate explain`: what would happen at a login, and why, for help desks."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import click

from config import ProtocolName, Settings
from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.failures import too_many_failures
from gateway.cli.login_name import normalised
from gateway.cli.outcome import opened_store
from gateway.cli.table import json_option, show
from gateway.cli.values import AddressOption
from gateway.connection import Address
from gateway.judgement import Admit, Circumstances, PassThrough, Refuse, Verdict, Why, judge
from gateway.rules import Rulebook
from gateway.unknown_names import UnknownNames
from store import lookalikes, users
from store.lookalikes import Claim
from store.model import Account, AppPassword


@click.command()
@click.argument("login")
@click.option("--protocol", type=click.Choice(get_args(ProtocolName)), required=True)
@click.option("--ip", "address", type=AddressOption(), default="192.0.2.1", help="The client's address.")
@config_option
@json_option
def explain(
    login: str, protocol: ProtocolName, address: Address, config_path: Path | None, as_json: bool
) -> None:
    """The decision on a login, for each thing that the user could present.

    It asks the same judge as the gateway does. Exit code 0 whatever the decision is.
    """
    settings = load_or_exit(config_path)
    name = normalised(settings, login)
    with opened_store(settings) as store:
        account = users.account(store, name)
        alike = account is None and bool(lookalikes.owners(store, [Claim(name)]))
    at = Circumstances(protocol, address, datetime.now(UTC))
    if not as_json:
        click.echo(f"{_introduction(name, account)} Login over {protocol} from {address}:\n")
    unknown = UnknownNames(settings.policy, settings.backend).objection(login.encode(), name)
    unknown = unknown or (Why.LOOKALIKE if alike else None)
    show(_decisions(settings, name, account, at, unknown if account is None else None), as_json, "")


def _decisions(
    settings: Settings, name: str, account: Account | None, at: Circumstances, unknown: Why | None
) -> list[dict[str, Any]]:
    """`unknown` is why a name that the store doesn't know is not passed on."""
    rules = Rulebook(settings.policy).rules(account.user.login if account else name, at.protocol)
    presented: list[tuple[str, AppPassword | None]] = [("the main password, or a wrong one", None)]
    if account is not None:
        presented += [(f'app password "{one.name}" ({one.id})', one) for one in account.app_passwords]
    rows = []
    for what, found in presented:
        verdict = judge(account, found, at, rules)
        if unknown is not None and isinstance(verdict, PassThrough):
            verdict = Refuse(unknown)
        decision, why = _told(verdict)
        if found is None and (failures := too_many_failures(settings, name, account, at.address)):
            decision, why = "refused", failures
        rows.append({"presents": what, "decision": decision, "why": why})
    return rows


def _introduction(name: str, account: Account | None) -> str:
    if account is None:
        return f"{name} is not a user."
    user = account.user
    as_whom = f"{name} is {user.login}. " if name != user.login else ""
    grace = f" until {user.grace_until:%Y-%m-%d %H:%M} UTC" if user.grace_until else ""
    return f"{as_whom}{user.login}: MFA {user.mfa}{grace}{', blocked' if user.blocked else ''}."


def _told(verdict: Verdict) -> tuple[str, str]:
    if isinstance(verdict, Admit):
        return "admitted", "it is live and in scope"
    if isinstance(verdict, PassThrough):
        return "passed through", verdict.remark or "the backend judges the main password"
    return "refused", verdict.why.sentence
