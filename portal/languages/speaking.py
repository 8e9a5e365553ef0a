"""In which language this request is answered, and how words are said in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from portal.languages.catalogs import translations

ENGLISH = "en"
# By what they call themselves. Each but English has a .po file.
NAMES = {"en": "English", "de": "Deutsch"}
# Of the request that is being answered: threads that work for it inherit it (PEP 567).
_SPOKEN: ContextVar[str] = ContextVar("spoken", default=ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Inside of it this language is spoken."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def spoken() -> str:
    """The language of now."""
    return _SPOKEN.get()


def translated(text: str) -> str:
    """The text in the language of now."""
    return translations(_SPOKEN.get()).gettext(text) if text else ""


def marked(text: str) -> str:
    """The text itself. It says that somebody translates it later, where it's shown."""
    return text
