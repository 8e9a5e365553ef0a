"""The gate of the API: who calls, by a token alone, and whether what came can be understood."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portal.api.call import LOGIN, Call, Endpoint, addressed
from portal.api.endpoints import ENDPOINTS
from portal.api.models import NoQuery
from portal.api.openapi import document
from portal.api.problem import Refused, problem
from portal.client_address import client_address
from portal.gone import gone
from portal.log import log
from portal.state import State
from store.database import StoreUnavailable
from store.portal import tokens
from store.portal.tokens import Token

_LONGEST_BODY = 65_536
_WORDS = 3  # so many mistakes are told at once


def api(state: State) -> Starlette:
    """All endpoints as ASGI, to be mounted where they are to be."""
    paths: dict[str, dict[str, Endpoint]] = {}
    for one in ENDPOINTS:
        paths.setdefault(one.path, {})[one.method] = one
    routes = [_route(state, path, endpoints) for path, endpoints in paths.items()]

    async def openapi(_: Request) -> Response:
        return JSONResponse(document(f"{state.place.origin}{state.place.path}"))

    routes.append(Route("/openapi.json", openapi))
    handlers = {HTTPException: _as_problem, ClientDisconnect: gone}
    made = Starlette(routes=routes, exception_handlers=handlers)  # type: ignore[arg-type]
    made.router.redirect_slashes = False  # it would lead to whichever host was asked for
    return made


def _route(state: State, path: str, endpoints: Mapping[str, Endpoint]) -> Route:
    async def answer(request: Request) -> Response:
        endpoint = endpoints[request.method]
        try:
            body = await _body(request) if endpoint.takes is not None else b""
            return await run_in_threadpool(_answer, state, endpoint, request, body)
        except Refused as refused:
            return problem(refused.status, str(refused))
        except StoreUnavailable as error:
            log.error("the portal can't reach the store", error=str(error))
            return problem(503, "The store can't be reached. Try again later.")

    route = Route(path, answer, methods=list(endpoints))
    if route.methods is not None:
        route.methods.discard("HEAD")  # which would be answered as GET is
    return route


async def _as_problem(request: Request, error: HTTPException) -> Response:
    del request
    known = {404: "There is nothing at this address.", 405: "Another method is for this address."}
    answer = problem(error.status_code, known.get(error.status_code, str(error.detail)))
    answer.headers.update(error.headers or {})
    return answer


def _answer(state: State, endpoint: Endpoint, request: Request, body: bytes) -> Response:
    if any("\0" in value for value in request.path_params.values()):
        raise Refused(404, "There is nothing at this address.")
    address = client_address(request, state.settings.portal.proxies)
    token = _token(state, request, address)
    if endpoint.roles and token.role not in endpoint.roles:
        allowed = ", ".join(sorted(endpoint.roles))
        raise Refused(403, f"This token's role is {token.role}; allowed is {allowed}.")
    parameters = _once(request.query_params.multi_items(), 422)
    query = _model(endpoint.query or NoQuery, parameters, strict=False)
    taken = _model(endpoint.takes, _json(body), strict=True) if endpoint.takes is not None else None
    path: dict[str, str] = dict(request.path_params)
    # Here and not in the handlers, so that none can forget which users its token may change.
    target = addressed(state, token, path[LOGIN], changes=endpoint.changes) if LOGIN in path else None
    call = Call(state, token, address, path, query, taken, target)
    made = endpoint.handler(call)
    if made is None:
        return Response(status_code=endpoint.status)
    return JSONResponse(made.model_dump(mode="json"), endpoint.status)


def _token(state: State, request: Request, address: str) -> Token:
    """By RFC 6750, section 2.1, and in no other way: a cookie would let other sites use it."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    found = tokens.find(state.database, given.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        log.warning("api call refused", address=address, reason="no valid token")
        raise Refused(401, "Send a token that is valid: Authorization: Bearer wicketgate_…")
    return found


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "Send JSON, with Content-Type: application/json.")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_BODY:
            raise Refused(413, f"At most {_LONGEST_BODY} octets are taken.")
    return body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=lambda pairs: _once(pairs, 400))
    except (ValueError, RecursionError):
        raise Refused(400, "This is no JSON in UTF-8.") from None


def _once(pairs: Sequence[tuple[str, Any]], status: int) -> dict[str, Any]:
    """Of two values of one name, something in front of us may have judged the other (RFC 8259, section 4)."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Refused(status, "A name is given twice. Give each once.")
    return found


def _model(model: type[BaseModel], values: Any, *, strict: bool) -> BaseModel:
    try:
        return model.model_validate(values, strict=strict)
    except ValidationError as error:
        told = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:_WORDS]]
        raise Refused(422, "; ".join(told)) from None
