"""Dovecot's passwd-file (`user:password:uid:gid:gecos:home:shell:extra`): only the user is taken.

The passwords stay where they are. They are the main ones, which the gateway never stores.
"""

from store.importing.entry import Entry, Normalise, Problem, Read
from store.printable import printable


def read_passwd_file(text: str, normalise: Normalise) -> Read:
    """Every user of the file. Empty lines and those that begin with # are skipped, as Dovecot does."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name = line.partition(":")[0]
        login = normalise(name)
        if login is not None:
            entries.append(Entry(number, login))
        else:
            problems.append(Problem(number, f'"{printable(name, 255)}" can be no login name.'))
    return Read(tuple(entries), tuple(problems))
