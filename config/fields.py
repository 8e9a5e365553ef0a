"""What the models say about a key: the type of its value, its description, its neighbours."""

import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.address import Address, PublicAddress
from config.key import Key
from config.settings import Settings


def annotation_at(key: Key) -> Any:
    """The type of the value at `key`, None when there is no such key."""
    annotation: Any = Settings
    for part in key:
        annotation = _inside(annotation, part)
        if annotation is None:
            return None
    return annotation


def field_at(key: Key) -> FieldInfo | None:
    """The field of the model, None when `key` is no field: an item of a list, or unknown."""
    model = model_at(key[:-1])
    return model.model_fields.get(str(key[-1])) if model and key else None


def model_at(key: Key) -> type[BaseModel] | None:
    """The model of the table at `key`, None when there is none."""
    annotation = annotation_at(key)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def is_list(key: Key) -> bool:
    """True when the value is a list."""
    return typing.get_origin(annotation_at(key)) is tuple


def is_file(key: Key) -> bool:
    """True when the value is the path of a file."""
    return Path in _members(annotation_at(key))


def is_text(key: Key) -> bool:
    """True when the value is written as a string, whatever it means."""
    members = list(_members(annotation_at(key)))
    return any(member in (str, Path, Address, PublicAddress) for member in members) or bool(choices(key))


def choices(key: Key) -> tuple[str, ...]:
    """The words that are allowed as the value, or as one of its items; () when it is not such a field."""
    for member in _members(annotation_at(key)):
        if typing.get_origin(member) is Literal:
            return typing.get_args(member)
    return ()


def _inside(annotation: Any, part: str | int) -> Any:
    """The type one step further, with Annotated taken off."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(part))
        return None if field is None else field.annotation
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple and isinstance(part, int):
        return _plain(arguments[0])
    if origin is Mapping and isinstance(part, str):
        return _plain(arguments[1])
    return None


def _plain(annotation: Any) -> Any:
    return typing.get_args(annotation)[0] if typing.get_origin(annotation) is Annotated else annotation


def _members(annotation: Any) -> Iterator[Any]:
    """The type and all types in it, but not the words of a Literal."""
    yield annotation
    if typing.get_origin(annotation) is not Literal:
        for argument in typing.get_args(annotation):
            yield from _members(argument)
