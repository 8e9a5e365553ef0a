"""The path of a value in the configuration: names of tables and keys, and indexes into lists."""

import json
import re
from collections.abc import Iterator
from typing import Any

Key = tuple[str | int, ...]

BARE = re.compile(r"[A-Za-z0-9_-]+")  # needs no quotes in TOML


def dotted(key: Key) -> str:
    """The path as it is printed: `listener[0].tls`."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if BARE.fullmatch(part) else json.dumps(part, ensure_ascii=False)
            text += f".{name}" if text else name
    return text


def paths(values: Any, key: Key = ()) -> Iterator[Key]:
    """The path of the value, and of everything in it."""
    yield key
    if isinstance(values, dict):
        for name, value in values.items():
            yield from paths(value, (*key, name))
    elif isinstance(values, list):
        for index, value in enumerate(values):
            yield from paths(value, (*key, index))


def leaves(values: Any, key: Key = ()) -> Iterator[tuple[Key, Any]]:
    """Every value that is neither a table nor a list of tables, with its path."""
    if isinstance(values, dict) and (values or not key):
        for name, value in values.items():
            yield from leaves(value, (*key, name))
    elif is_list_of_tables(values):
        for index, value in enumerate(values):
            yield from leaves(value, (*key, index))
    else:
        yield key, values


def is_list_of_tables(value: object) -> bool:
    """True when it is a list with nothing but tables in it, and at least one."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
