"""The description of the API for programs (OpenAPI 3.1), made from the endpoints and their models."""

import re
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from portal.api.call import Endpoint
from portal.api.endpoints import ENDPOINTS
from portal.api.models import Problem
from portal.api.problem import MEDIA_TYPE

_REF = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"\{(\w+)\}")
_WHAT = {"login": "The login of a user, or an alias.", "id": "The id of an app password."}
_PROBLEMS = {
    400: "What came can't be read.",
    401: "There is no valid token.",
    403: "The token may not do this.",
    404: "There is no such thing, or not in the token's domains.",
    409: "It can't be done as things are.",
    413: "The body is too large.",
    415: "The body isn't JSON.",
    422: "Something isn't allowed.",
    503: "The store can't be reached. Try again later.",
}


def document(url: str) -> dict[str, Any]:
    """The whole of it, for an API below that address."""
    paths: dict[str, dict[str, Any]] = {}
    for one in ENDPOINTS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wicketgate",
            "version": version("wicketgate"),
            "description": "Users and their app passwords, for other programs. docs/api.md tells how.",
        },
        "servers": [{"url": f"{url}/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _operation(one: Endpoint) -> dict[str, Any]:
    allowed = ", ".join(sorted(one.roles))
    made: dict[str, Any] = {
        "operationId": one.handler.__module__.rpartition(".")[2] + "_" + one.handler.__name__,
        "summary": one.summary,
        "description": f"{one.handler.__doc__} Roles: {allowed}.",
        "parameters": _parameters(one),
        "responses": {str(one.status): _success(one)} | {str(code): _problem(code) for code in _codes(one)},
    }
    if one.takes is not None:
        made["requestBody"] = {"required": True, "content": _content("application/json", one.takes)}
    return made


def _codes(one: Endpoint) -> list[int]:
    codes = [401, 403, 422, 503]
    if one.takes is not None:
        codes += [400, 409, 413, 415]
    if _PARAMETER.search(one.path):
        codes.append(404)
    return sorted(codes)


def _parameters(one: Endpoint) -> list[dict[str, Any]]:
    found = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": _WHAT[name],
            "schema": {"type": "string", "minLength": 1, "pattern": "^[^/]+$"},
        }
        for name in _PARAMETER.findall(one.path)
    ]
    if one.query is not None:
        asked = one.query.model_json_schema()["properties"]
        found += [{"name": name, "in": "query", "schema": _plain(schema)} for name, schema in asked.items()]
    return found


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """What is left out in a query is left out; there is no null."""
    chosen = next(iter(schema.get("anyOf", [])), schema)
    return {name: value for name, value in chosen.items() if name != "title"}


def _success(one: Endpoint) -> dict[str, Any]:
    if one.answers is None:
        return {"description": "Done."}
    summary = (one.answers.__doc__ or "").strip().partition("\n")[0]
    return {"description": summary, "content": _content("application/json", one.answers)}


def _problem(code: int) -> dict[str, Any]:
    return {"description": _PROBLEMS[code], "content": _content(MEDIA_TYPE, Problem)}


def _content(media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": _REF.format(model=model.__name__)}}}


def _schemas() -> dict[str, Any]:
    taken = {one.takes for one in ENDPOINTS if one.takes is not None}
    given = {one.answers for one in ENDPOINTS if one.answers is not None} | {Problem}
    wanted = [(one, "validation") for one in taken] + [(one, "serialization") for one in given]
    ordered = sorted(wanted, key=lambda one: one[0].__name__)
    _, found = models_json_schema(ordered, ref_template=_REF)  # type: ignore[arg-type]
    schemas: dict[str, Any] = found["$defs"]
    return schemas
