"""`wicketgate user set-password`: main passwords that are kept here, for sites without a directory."""

import sys
from pathlib import Path

import click

from gateway.cli.actor import actor
from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.login_name import normalised
from gateway.cli.outcome import fail, opened_store
from store import users
from store.hashing import Argon2
from store.portal import local_passwords
from store.portal.local_passwords import LONGEST, SHORTEST, UnfitPassword


@click.command("set-password")
@click.argument("login")
@config_option
def set_password(login: str, config_path: Path | None) -> None:
    """Set the main password of a user for the portal, where portal.sign_in is local.

    It's asked for, or read from standard input: one line.
    """
    settings = load_or_exit(config_path)
    name = normalised(settings, login)
    password = _asked()
    cost = settings.argon2
    argon2 = Argon2(cost.memory_kib, cost.time_cost, cost.parallelism)
    with opened_store(settings) as store:
        found = users.find(store, name)
        try:
            if found is None or not local_passwords.set_password(
                store, argon2, found, password, actor=actor()
            ):
                fail(f"there is no user {name}. `wicketgate user list` shows all.")
        except UnfitPassword as error:
            fail(str(error))
    click.echo(f"{name} has a new main password. Whoever was signed in at the portal isn't any more.")


def _asked() -> str:
    if sys.stdin.isatty():
        asked: str = click.prompt(
            f"Main password ({SHORTEST} characters or more)", hide_input=True, confirmation_prompt=True
        )
        return asked
    line = sys.stdin.buffer.readline(4 * LONGEST + 3)
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        fail("standard input isn't UTF-8. Write the main password there as one line of UTF-8.")
