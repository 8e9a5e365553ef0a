"""Login names on the command line are normalised as those of clients are."""

from config import Settings
from gateway.cli.outcome import fail
from store.names import LONGEST_NAME, normalise_login
from store.printable import printable


def normalised(settings: Settings, login: str) -> str:
    """The name as the store has it; ends the command where it can't be one."""
    names = settings.login
    name = normalise_login(login.encode(), names.default_domain, names.domains, names.recipient_delimiter)
    if name is None:
        fail(
            f'"{printable(login, LONGEST_NAME)}" can\'t be a login name. Write it as in user@example.org, '
            "without spaces, asterisks and control characters."
        )
    return name
