"""The application: all pages behind the gate, and the files that they use."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from portal.api.serving import api
from portal.gate import route
from portal.gone import gone
from portal.headers import Headers
from portal.pages import PAGES
from portal.sign_in.turns import Turns
from portal.state import State

_FILES = Path(__file__).parent / "static"


def application(state: State) -> ASGIApp:
    """The portal as ASGI."""
    path = state.place.path

    async def begin(_: Request) -> Response:
        return RedirectResponse(f"{path}/", 307)

    async def not_found(request: Request, error: Exception) -> Response:
        text = state.templates.get_template("not_found.html").render(visit=None)
        return HTMLResponse(text, 404)

    turns = Turns()
    routes: list[BaseRoute] = [route(page, state, turns) for page in PAGES]
    routes.append(Mount(f"{path}/api/v1", api(state)))
    routes.append(Mount(f"{path}/static", StaticFiles(directory=_FILES)))
    if path:
        routes.append(Route(path, begin))
    made = Starlette(routes=routes, exception_handlers={404: not_found, ClientDisconnect: gone})
    made.router.redirect_slashes = False  # it would lead to whichever host was asked for
    return Headers(made)
