"""A backup of the store while it is in use: one moment of it, in a new file for its owner only."""

import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import make_url


class BackupFailed(Exception):
    """There is no backup. The message says why, and what to do next."""


def back_up(url: str, file: Path) -> None:
    """Write the store to `file`, which must not exist yet. Raises BackupFailed, and leaves nothing behind.

    SQLite: a database that can be put in the store's place. PostgreSQL: an archive for pg_restore.
    """
    if os.path.lexists(file):
        raise BackupFailed(f"{file} is there already and is left as it is. Name a new file.")
    with _made(file) as new:
        if url.startswith("postgresql://"):
            _dump(url, new)
        else:
            _copy(Path(make_url(url).database or "").absolute(), new)


@contextmanager
def _made(file: Path) -> Iterator[Path]:
    """A file of its own beside `file`, which takes that name once it is whole and on the disk."""
    try:
        with tempfile.TemporaryDirectory(prefix=".wicketgate-", dir=file.absolute().parent) as folder:
            new = Path(folder) / "backup"
            yield new
            new.chmod(0o600)
            _sync(new)
            os.link(new, file)  # unlike rename(2), it takes nobody's place
            _sync(file.absolute().parent)
    except OSError as error:
        raise BackupFailed(
            f"{file} can't be written: {error.strerror or error}. Check the folder and its disk."
        ) from None


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _copy(database: Path, new: Path) -> None:
    # Readers wait for nobody in WAL mode, and nobody waits for them.
    try:
        source = f"file:{quote(str(database))}?mode=rw"
        with closing(sqlite3.connect(source, uri=True, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(new),))
    except sqlite3.Error as error:
        raise BackupFailed(f"{database} can't be backed up: {error}. Check store.url and the disk.") from None


def _dump(url: str, new: Path) -> None:
    command = ["pg_dump", "--format=custom", "--no-password", f"--file={new}", f"--dbname={url}"]
    # The URL is the administrator's own, and has no password in it.
    try:
        done = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BackupFailed(
            "pg_dump is needed for a backup of PostgreSQL, and isn't there. "
            "Install Debian's postgresql-client, or make the backup on the server."
        ) from None
    if done.returncode != 0:
        said = " ".join(done.stderr.split())[:500].removeprefix("pg_dump: ").removeprefix("error: ")
        raise BackupFailed(f"pg_dump says: {said}")
