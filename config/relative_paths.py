"""Relative paths start at the folder of the file in which they stand."""

from typing import Any

from config.fields import is_file
from config.key import Key, leaves
from config.sections.store import SQLITE
from config.sources.document import Document

STORE_URL: Key = ("store", "url")


def make_absolute(document: Document) -> None:
    """Change every relative path of the document."""
    for key, value in list(leaves(document.values)):
        if isinstance(value, str) and value:
            if is_file(key):
                _replace(document, key, str(document.origin(key).folder / value))
            elif key == STORE_URL and value.removeprefix(SQLITE) not in (value, "", ":memory:"):
                path = document.origin(key).folder / value.removeprefix(SQLITE)
                _replace(document, key, f"{SQLITE}{path}")


def _replace(document: Document, key: Key, value: str) -> None:
    table: Any = document.values
    for part in key[:-1]:
        table = table[part]
    table[key[-1]] = value
