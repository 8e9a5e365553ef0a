"""The portal as one process: uvicorn on one address, until SIGTERM or Ctrl-C."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvicorn

from config import Address, Settings
from portal.app import application
from portal.assembly import assemble
from portal.certificate import Certificate
from portal.connection import Connection
from portal.log import log
from portal.state import State
from portal.upkeep import keep_up

_DRAIN_SECONDS = 10
_BACKLOG = 512
_MOST_REQUESTS = 1000  # at one time; what is more is told to come again


def _nobody_waits() -> None:
    """For whom nobody has to be told."""


@dataclass(frozen=True, slots=True)
class Portal:
    """Its address is taken: whoever connects waits until it runs."""

    server: uvicorn.Server
    listening: socket.socket
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
        config = uvicorn.Config(application(state), **_options(settings, certificate))
        config.load()
        yield Portal(uvicorn.Server(config), listening, state, certificate)


async def _serve(portal: Portal, on_ready: Callable[[], None]) -> None:
    upkeep = asyncio.create_task(keep_up(portal.state, portal.certificate))
    log.info("portal ready", address=str(portal.state.settings.portal.address))
    on_ready()  # whoever connects already waits in the socket's queue
    try:
        await portal.server.serve([portal.listening])
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


def _options(settings: Settings, certificate: Certificate | None) -> dict[str, Any]:
    options: dict[str, Any] = {
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "lifespan": "off",
        "http": partial(Connection, seconds=settings.limits.preauth_seconds),
        "ws": "none",
        "limit_concurrency": _MOST_REQUESTS,
        "timeout_graceful_shutdown": _DRAIN_SECONDS,
    }
    if certificate is not None:
        options["ssl_context_factory"] = lambda *_: certificate.context
    return options
