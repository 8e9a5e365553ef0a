"""The option -c, and what every command does with it."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

import click

from config import ConfigurationError, Loaded, Problem, Settings, check_files, default_path, load

config_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "-c",
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The configuration; else $WICKETGATE_CONFIG, else /etc/wicketgate/wicketgate.toml.",
)


def load_or_exit(path: Path | None, *, files: bool = False) -> Settings:
    """The settings. Print what is wrong on standard error and exit with 78 where they can't be used.

    `files` asks for the files that the settings name too: certificates, keys and secrets.
    """
    return loaded_or_exit(path, files=files).settings


def loaded_or_exit(path: Path | None, *, files: bool = False) -> Loaded:
    """As load_or_exit, with the origin of each value."""
    try:
        loaded = load(path or default_path(os.environ), os.environ)
    except ConfigurationError as error:
        exit_with(error.problems)
    if files and (problems := check_files(loaded)):
        exit_with(problems)
    return loaded


def exit_with(problems: Iterable[Problem]) -> NoReturn:
    """Print them on standard error, one a line, and exit with 78 (EX_CONFIG of sysexits.h)."""
    for problem in problems:
        click.echo(str(problem), err=True)
    raise SystemExit(os.EX_CONFIG)
