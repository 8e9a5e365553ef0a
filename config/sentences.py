"""What pydantic found, said in plain sentences: what is wrong, what is allowed, did you mean."""

import difflib
import json
from collections.abc import Sequence
from typing import Any

from pydantic_core import ErrorDetails

from config.fields import choices, field_at, model_at
from config.key import Key, dotted

PLAIN = {
    "string_type": "{value} is not a string; write it in quotes",
    "int_type": "{value} is not a whole number",
    "int_from_float": "{value} is not a whole number",
    "float_type": "{value} is not a number",
    "finite_number": "{value} is not allowed; write a finite number",
    "bool_type": "{value} is not allowed; write true or false, without quotes",
    "tuple_type": '{value} is not a list; write it in brackets, as in ["…"]',
    "dict_type": "{value} is not a table; write it as [{name}] with keys below",
    "greater_than": "{value} is too small; allowed is more than {gt:g}",
    "greater_than_equal": "{value} is too small; allowed is at least {ge:g}",
    "less_than": "{value} is too large; allowed is less than {lt:g}",
    "less_than_equal": "{value} is too large; allowed is at most {le:g}",
    "too_short": "the list has too few items; allowed is at least {min_length}",
    "too_long": "the list has too many items; allowed is at most {max_length}",
    "string_too_long": "{value} is too long; allowed are {max_length} characters",
}


def sentence(error: ErrorDetails, key: Key) -> str:
    """One error of pydantic, about the value at `key`."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return f"it is missing; {_description(key)}"
    if kind == "extra_forbidden":
        return _unknown(key)
    if kind == "literal_error":
        allowed = choices(key)
        return f"{shown(value)} is not one of {', '.join(allowed)}.{did_you_mean(value, allowed)}"
    if kind in ("tuple_type", "model_type") and model_at(key if kind == "model_type" else (*key, 0)):
        return _brackets(kind, key)
    if kind in PLAIN:
        return PLAIN[kind].format(value=shown(value), name=dotted(key), **context)
    return f"{shown(value)} is not allowed here; {_description(key)}"


def did_you_mean(value: object, allowed: Sequence[str]) -> str:
    """A question with a space before it, empty when nothing is near."""
    near = difflib.get_close_matches(str(value).lower(), allowed, n=1)
    return f' Did you mean "{near[0]}"?' if near else ""


def shown(value: Any) -> str:
    """A value as it stands in TOML, cut when it is long."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str | bool):
        text = json.dumps(value if isinstance(value, bool) else value[:60], ensure_ascii=False)
        return text if isinstance(value, bool) or len(value) <= 60 else f"{text}…"
    return str(value)[:60]


def _unknown(key: Key) -> str:
    model = model_at(key[:-1])
    allowed = tuple(model.model_fields) if model else ()
    near = did_you_mean(key[-1], allowed)
    return f"there is no such key.{near or ' Allowed are ' + ', '.join(allowed) + '.'}"


def _brackets(kind: str, key: Key) -> str:
    name = ".".join(part for part in key if isinstance(part, str))
    if kind == "tuple_type":
        return f"this is a list of tables; write [[{name}]], with two brackets"
    header = f"[[{name}]]" if isinstance(key[-1], int) else f"[{name}]"
    return f"this is a table; write {header}, and its keys below"


def _description(key: Key) -> str:
    field = field_at(key)
    return (field.description if field else None) or "see `wicketgate config example`"
