"""The portal as one process: uvicorn behind a door of ours on one address, until SIGTERM or Ctrl-C."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from config import Address, Settings
from portal.app import application
from portal.assembly import assemble
from portal.certificate import Certificate
from portal.connection import Connection
from portal.door.door import Bounds, Door
from portal.door.places import Place
from portal.log import log
from portal.state import State
from portal.upkeep import keep_up

_DRAIN_SECONDS = 10
_BACKLOG = 4096


def _nobody_waits() -> None:
    """For whom nobody has to be told."""


@dataclass(frozen=True, slots=True)
class Portal:
    """Its address is taken: whoever connects waits until it runs."""

    server: "_Server"
    state: State
    certificate: Certificate | None

    def run(self, on_ready: Callable[[], None] = _nobody_waits) -> None:
        """Answer until `end`. It has a loop of its own, in any thread."""
        asyncio.run(_serve(self, on_ready))

    def end(self) -> None:
        """Let what is being answered be answered, and no more."""
        self.server.should_exit = True


def serve(settings: Settings, on_ready: Callable[[], None] = _nobody_waits) -> None:
    """`on_ready` is called once pages are answered. Raises what `opened` raises."""
    with opened(settings) as portal:
        for number in (signal.SIGTERM, signal.SIGINT):
            # uvicorn gives the signal on when it has ended; without this that would be our end, too early.
            signal.signal(number, portal.server.handle_exit)
        portal.run(on_ready)


@contextmanager
def opened(settings: Settings) -> Iterator[Portal]:
    """Raises what `assemble` raises, and OSError when the address or the certificate can't be had."""
    assert settings.portal.address is not None, "the command requires it"
    with ExitStack() as stack:
        state = assemble(settings, stack)
        listening = stack.enter_context(_listening(settings.portal.address))
        certificate = Certificate(settings) if settings.portal.tls else None
        config = uvicorn.Config(application(state), **_options(settings))
        config.load()
        door = Door(listening, _bounds(settings), certificate.context if certificate is not None else None)
        server = _Server(config, door, settings.limits.preauth_seconds)
        yield Portal(server, state, certificate)


class _Server(uvicorn.Server):
    """uvicorn's, to which connections come by the door alone. A request may take `seconds` to come."""

    def __init__(self, config: uvicorn.Config, door: Door, seconds: float) -> None:
        super().__init__(config)
        self._door = door
        self._seconds = seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Called before requests are served."""
        del sockets
        await super().startup([])
        self._door.open(self._welcome)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called at the end: those who are in get their answers."""
        del sockets
        self._door.close()
        await super().shutdown([])

    def _welcome(self, place: Place) -> Connection:
        return Connection(
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            place=place,
            seconds=self._seconds,
        )


async def _serve(portal: Portal, on_ready: Callable[[], None]) -> None:
    upkeep = asyncio.create_task(keep_up(portal.state, portal.certificate))
    log.info("portal ready", address=str(portal.state.settings.portal.address))
    on_ready()  # whoever connects already waits in the socket's queue
    try:
        await portal.server.serve()
    finally:
        upkeep.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await upkeep
    log.info("portal stopped")


def _listening(address: Address) -> socket.socket:
    """Bound here, so that an address that can't be had is an error and no line in a log."""
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, number, _, name = found[0]
    opened = socket.socket(family, kind, number)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(name)
        opened.listen(_BACKLOG)
    except OSError as error:
        opened.close()
        raise OSError(error.errno, f"{address}: {error.strerror}") from None
    return opened


def _bounds(settings: Settings) -> Bounds:
    portal = settings.portal
    return Bounds(
        connections=portal.max_connections,
        connections_of_source=portal.max_connections_per_source,
        handshake_seconds=portal.handshake_seconds,
        stall_seconds=settings.limits.preauth_seconds,
        proxies=portal.proxies,
    )


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "lifespan": "off",
        "http": "h11",
        "ws": "none",
        # Connections are bounded by the door. The rest are requests whose clients have left.
        "limit_concurrency": settings.portal.max_connections + 1,
        "timeout_graceful_shutdown": _DRAIN_SECONDS,
    }
