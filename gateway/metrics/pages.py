"""What is there to be asked: /metrics, /health/live and /health/ready."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from gateway.metrics.reply import Reply, said
from gateway.metrics.request import Request

Exposed = Callable[[str], Awaitable[Reply]]  # from what the client accepts
Obstacle = Callable[[], Awaitable[str]]


class Pages:
    """`obstacle` says why clients should go elsewhere, or ""."""

    __slots__ = ("_exposed", "_obstacle")

    def __init__(self, exposed: Exposed, obstacle: Obstacle) -> None:
        self._exposed = exposed
        self._obstacle = obstacle

    async def answer(self, request: Request) -> Reply:
        if request.path == "/metrics":
            return await self._exposed(request.accept)
        if request.path == "/health/live":
            return said(HTTPStatus.OK, "alive")  # the loop turns, else nobody would say so
        if request.path == "/health/ready":
            obstacle = await self._obstacle()
            return said(HTTPStatus.SERVICE_UNAVAILABLE if obstacle else HTTPStatus.OK, obstacle or "ready")
        return said(HTTPStatus.NOT_FOUND, "There are /metrics, /health/live and /health/ready.")
