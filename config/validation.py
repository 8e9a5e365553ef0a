"""From a merged document to settings, or to everything that is wrong with it."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.breach import RULE, Breach
from config.key import Key
from config.problem import ConfigurationError
from config.rules import Parts, breaches
from config.sections.backend import Backend
from config.sections.directory import Directory
from config.sections.listener import Listener
from config.sections.metrics import Metrics
from config.sections.policy import LoginNames, Policy
from config.sections.tls import Tls
from config.sentences import sentence
from config.settings import Settings
from config.sources.document import Document

Model = TypeVar("Model", bound=BaseModel)


def validate(document: Document) -> Settings:
    """Raise ConfigurationError with the problems of the document and of its values."""
    settings = None
    try:
        settings = Settings.model_validate(document.values)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            _complain(document, details)
        if not any(details["loc"] == () for details in error.errors()):
            # pydantic checks the rules between tables only where all tables are right.
            _complain_of_breaches(document, (), breaches(_readable(document.values)))
    if settings is None or document.found:
        raise ConfigurationError(document.problems())
    return settings


def _complain(document: Document, details: ErrorDetails) -> None:
    if details["type"] == RULE:
        _complain_of_breaches(document, details["loc"], details["ctx"]["breaches"])
        return
    key = _existing(document.values, details["loc"])
    if details["type"] == "missing":
        key = details["loc"]
    document.complain(key, sentence(details, key))


def _complain_of_breaches(document: Document, key: Key, found: Iterable[Breach]) -> None:
    for breach in found:
        document.complain((*key, *breach.key), breach.sentence)


def _existing(values: Any, location: Key) -> Key:
    """The part of pydantic's location that stands in the document; the rest names its inner validators."""
    key: Key = ()
    for part in location:
        inside = values if isinstance(values, dict) else range(len(values) if isinstance(values, list) else 0)
        if part not in inside:
            break
        values = values[part]
        key = (*key, part)
    return key


def _readable(values: Mapping[str, Any]) -> Parts:
    """What can be judged by the rules though other parts are wrong."""
    listeners = _read_items(Listener, values.get("listener", []))
    backends = _read_items(Backend, values.get("backend", []))
    complete = isinstance(values.get("backend", []), list) and len(backends) == len(values.get("backend", []))
    return Parts(
        listeners,
        backends,
        complete,
        tls=_read(Tls, values.get("tls", {})),
        policy=_read(Policy, values.get("policy", {})),
        login=_read(LoginNames, values.get("login", {})),
        directory=_read(Directory, values.get("directory", {})),
        metrics=_read(Metrics, values.get("metrics", {})),
    )


def _read_items(model: type[Model], items: Any) -> dict[int, Model]:
    read = (
        (index, _read(model, item)) for index, item in enumerate(items if isinstance(items, list) else [])
    )
    return {index: item for index, item in read if item is not None}


def _read(model: type[Model], values: Any) -> Model | None:
    try:
        return model.model_validate(values)
    except ValidationError:
        return None
