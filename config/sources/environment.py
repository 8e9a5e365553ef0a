"""Environment variables: WICKETGATE__POLICY__PORTAL_URL sets policy.portal_url."""

import tomllib
from collections.abc import Mapping
from typing import Any

from config.fields import is_list, is_text
from config.key import Key
from config.sources.document import Document, Origin

PREFIX = "WICKETGATE__"
SEPARATOR = "__"


def apply_environment(document: Document, environ: Mapping[str, str]) -> None:
    """Set what the variables say; what they can't say becomes a problem of the document."""
    for name in sorted(environ):
        if name.startswith(PREFIX):
            _apply(document, name, environ[name])


def _apply(document: Document, name: str, text: str) -> None:
    key: Key = tuple(name.removeprefix(PREFIX).lower().split(SEPARATOR))
    origin = Origin(name, document.main.folder)
    if any(is_list(key[:depth]) for depth in range(len(key))):
        document.complain(key, "a variable can't set an item of a list; set the whole list", origin)
        return
    try:
        document.place(key, _value(key, text), origin)
    except KeyError:
        document.complain(key, "a variable can't set a key inside of what is no table", origin)


def _value(key: Key, text: str) -> Any:
    """The text read as TOML where that fits the field, else the text itself."""
    try:
        read = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    value = read.pop("value")
    if read or (is_text(key) and not isinstance(value, str | list | dict)):
        return text
    return value
