"""How a command says that it can't go on."""

from typing import NoReturn

import click


def fail(sentence: str, code: int = 1) -> NoReturn:
    """End the command with one sentence on standard error."""
    click.echo(f"wicketgate: {sentence}", err=True)
    raise SystemExit(code)
