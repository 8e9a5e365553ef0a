"""`wicketgate backup`: the store, copied while it is in use."""

from pathlib import Path

import click

from gateway.cli.config_option import config_option, load_or_exit
from gateway.cli.outcome import fail, opened_store
from store.backup import BackupFailed, back_up


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@config_option
def backup(file: Path, config_path: Path | None) -> None:
    """Write the store to FILE, a new one, while the gateway runs.

    SQLite: stop the gateway and put FILE in the place of the store to go back to it. PostgreSQL: an archive
    for pg_restore. The pepper isn't in it: keep a copy of that elsewhere.
    """
    settings = load_or_exit(config_path)
    with opened_store(settings):
        try:
            back_up(settings.store.url, file)
        except BackupFailed as error:
            fail(str(error))
    click.echo(
        f"{file}: {file.stat().st_size // 1024 + 1} KiB. The pepper, {settings.store.pepper_file}, is not in "
        "it: keep a copy of that in another place."
    )
