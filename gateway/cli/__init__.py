"""The command line. Each command lives in a module of its own, which is imported when it's called."""

import gc
import importlib
import sys
from collections.abc import Mapping

import click

# What is imported stays: to look through it for garbage, again and again, takes a fifth of a start. A login
# makes some hundred that end with it; thousands of logins at once don't end soon.
_OBJECTS_BEFORE_GC = 100_000

_COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("demo", "demo"),
    "serve": ("serve", "serve"),
    "portal": ("portal", "portal"),
    "check-config": ("check_config", "check_config"),
    "config": ("config_commands", "config"),
    "db": ("db", "db"),
    "user": ("user", "user"),
    "role": ("role", "role"),
    "token": ("token", "token"),
    "app-password": ("app_password", "app_password"),
    "directory": ("directory", "directory"),
    "import": ("import_users", "import_"),
    "backup": ("backup", "backup"),
    "audit": ("audit", "audit"),
    "refused": ("refused", "refused"),
    "doctor": ("doctor", "doctor"),
    "explain": ("explain", "explain"),
    "sessions": ("live", "sessions"),
    "kick": ("live", "kick"),
    "status": ("live", "status"),
}


class _Lazy(click.Group):
    """A group that imports a command's module only when it's needed: `wicketgate user list` starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"gateway.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="wicketgate")
def _wicketgate() -> None:
    """The small door for mail clients and devices that can't do two-step verification."""


def main() -> None:
    """The console script. Exit codes: 0 done, 1 refused or failed, 2 usage, 78 configuration error."""
    gc.set_threshold(_OBJECTS_BEFORE_GC)
    try:
        _wicketgate(prog_name="wicketgate")
    except OSError as error:  # a full disk behind `>`, a terminal that is gone
        click.echo(f"wicketgate: {error.strerror or error}. The command broke off; try again.", err=True)
        sys.exit(1)
