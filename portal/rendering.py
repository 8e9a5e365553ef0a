"""Templates, and how times are written in them. All that is shown is escaped."""

from datetime import UTC, datetime
from pathlib import Path

from babel.dates import format_date, format_timedelta
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal.app_passwords.policy import is_shown, may_create
from portal.languages.catalogs import translations
from portal.languages.sentences import Sentences
from portal.languages.speaking import NAMES, spoken, translated
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
        extensions=["jinja2.ext.i18n", Sentences],
    )
    environment.install_gettext_callables(translated, _plural, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(base=place.path, organisation=organisation, help=help)
    environment.globals.update(can_create=may_create, shows_app_passwords=is_shown)
    environment.globals.update(languages=NAMES, spoken=spoken)
    # For what the code hands over: unlike _(), whose text is taken for markup, what it gives is escaped.
    environment.globals.update(say=translated)
    environment.filters.update(day=_day, ago=_ago, grouped=grouped)
    return environment


def _plural(one: str, many: str, number: int) -> str:
    return translations(spoken()).ngettext(one, many, number)


def grouped(secret: str) -> list[str]:
    """An app password in groups of four, as people read it."""
    return [secret[begin : begin + 4] for begin in range(0, len(secret), 4)]


def _day(moment: datetime) -> str:
    return format_date(moment, "medium", locale=spoken())


def _ago(moment: datetime) -> str:
    """In words, as exactly as people want it."""
    since = datetime.now(UTC) - moment
    if since.total_seconds() < 60:
        return translated("just now")
    return format_timedelta(-since, granularity="minute", threshold=1, add_direction=True, locale=spoken())
