"""Who has left in the midst of a request, or was cut for being slow."""

from starlette.requests import Request
from starlette.responses import Response


async def gone(request: Request, error: Exception) -> Response:
    """It's no error of ours, and nothing for the log: strangers could fill it. Nobody reads the answer."""
    del request, error
    return Response(status_code=400)
