"""Templates, and how times are written in them. All that is shown is escaped."""

from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal.app_passwords.policy import is_shown, may_create
from portal.state import Place

_FOLDER = Path(__file__).parent / "templates"


def templates(place: Place, organisation: str, help: str) -> Environment:
    """For all pages of one portal."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(base=place.path, organisation=organisation, help=help)
    environment.globals.update(can_create=may_create, shows_app_passwords=is_shown)
    environment.filters.update(day=_day, ago=_ago, grouped=grouped)
    return environment


def grouped(secret: str) -> list[str]:
    """An app password in groups of four, as people read it."""
    return [secret[begin : begin + 4] for begin in range(0, len(secret), 4)]


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _ago(moment: datetime) -> str:
    """In words, as exactly as people want it."""
    seconds = int((datetime.now(UTC) - moment).total_seconds())
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"
