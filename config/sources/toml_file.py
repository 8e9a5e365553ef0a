"""One TOML file: its values, and the line of each."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.key import Key
from config.problem import ConfigurationError, Problem
from config.sources.document import Origin
from config.sources.toml_lines import key_lines

MAX_BYTES = 1 << 20
MAX_DEPTH = 16  # no setting lies deeper than 4
TOO_DEEP = f"tables or lists are nested too deep; allowed are {MAX_DEPTH} levels"
POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """What stands in a file."""

    values: dict[str, Any]
    origins: dict[Key, Origin]


def read_toml(path: Path) -> TomlFile:
    """Raise ConfigurationError when it can't be read or is not TOML."""
    text = _decode(path, _read(path))
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise _error(path, None, TOO_DEEP) from None
    except ValueError as error:
        raise _syntax_error(path, text, str(error)) from None
    if _deeper_than(MAX_DEPTH, values):
        raise _error(path, None, TOO_DEEP)
    folder = path.absolute().parent
    lines = key_lines(text)
    return TomlFile(values, {key: Origin(str(path), folder, line) for key, line in lines.items()})


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        sentence = (
            "there is no such file; name the file with -c or WICKETGATE_CONFIG, or make one with"
            " `wicketgate config example`"
        )
        raise _error(path, None, sentence) from None
    except OSError as error:
        raise _error(path, None, f"the file can't be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise _error(path, None, f"the file is too large; allowed are {MAX_BYTES} bytes")
    return data


def _decode(path: Path, data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise _error(path, 1, "the file begins with a byte order mark; save it as UTF-8 without one")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        sentence = f"byte 0x{data[error.start]:02x} is not valid UTF-8; save the file as UTF-8"
        raise _error(path, line, sentence) from None


def _deeper_than(depth: int, values: Any) -> bool:
    """Level by level: a recursion would itself go too deep."""
    level = [values]
    while level and depth >= 0:
        level = [
            item
            for value in level
            if isinstance(value, dict | list)
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        depth -= 1
    return bool(level)


def _syntax_error(path: Path, text: str, message: str) -> ConfigurationError:
    position = POSITION.search(message)
    what = message[: position.start()] if position else message
    if position and position[1]:
        return _error(path, int(position[1]), f"this is not valid TOML, column {position[2]}: {what}")
    return _error(path, text.count("\n") + 1, f"this is not valid TOML, at the end of the file: {what}")


def _error(path: Path, line: int | None, sentence: str) -> ConfigurationError:
    return ConfigurationError([Problem(str(Origin(str(path), path.parent, line)), "", sentence)])
