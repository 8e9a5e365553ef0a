"""The address for metrics and health: a small HTTP server that can't hold the gateway up.

One request a connection, of a bounded size, in a bounded time, from few at once and few of each source.
Prometheus and load balancers need no more, and no other client is meant to come.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address

from config import Address, Metrics
from gateway.bound import bound
from gateway.cannot_listen import CannotListen
from gateway.log import log
from gateway.metrics.callers import Callers
from gateway.metrics.reply import Reply, said
from gateway.metrics.request import Request, parse

_BACKLOG = 64
_HEAD = 8192  # bytes of a request
_SECONDS = 5.0  # from connecting to the end of the answer
_LINGER_SECONDS = 1.0
_LINGER_BYTES = 65536

Answer = Callable[[Request], Awaitable[Reply]]


class MetricsServer:
    """Asks `answer` for a reply to each request that comes from one of the sources in the settings."""

    __slots__ = ("_answer", "_callers", "_server", "_sources")

    def __init__(self, settings: Metrics, answer: Answer) -> None:
        self._sources = settings.sources
        self._answer = answer
        self._callers = Callers(settings.max_connections, settings.max_connections_per_source)
        self._server: asyncio.Server | None = None

    async def start(self, address: Address) -> None:
        """Raises `CannotListen`."""
        try:
            sock = bound(address.host, address.port, client_speaks_first=True)
            self._server = await asyncio.start_server(self._serve, sock=sock, limit=_HEAD, backlog=_BACKLOG)
        except OSError as error:
            raise CannotListen(f"metrics.address: {error}") from None
        log.info("metrics served", address=str(address))

    async def close(self) -> None:
        """Answer nobody, and leave the address to the next gateway. May be called again."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._callers.abort_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        if peer is None:
            writer.transport.abort()
            return
        address = _address_of(peer[0])
        if not any(address in network for network in self._sources):
            log.info(
                "client turned away",
                listener="metrics",
                address=peer[0],
                reason="it's not in metrics.sources",
            )
            writer.transport.abort()
            return
        if not self._callers.enter(writer, address):
            writer.transport.abort()
            return
        try:
            await self._converse(reader, writer)
        except OSError:
            pass  # whoever asked has left, or doesn't take the answer
        except Exception:
            log.exception("metrics request failed")
        finally:
            self._callers.leave(writer)
            writer.transport.abort()  # what a peer hasn't taken by now it doesn't get

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(high=0)  # drain() returns when all of it is on its way
        async with asyncio.timeout(_SECONDS):
            asked = await _ask_in_time(reader)
            if asked is None:
                return
            self._callers.set_waiting(writer, waits=True)
            reply = asked if isinstance(asked, Reply) else await self._answer(asked)
            with_body = not (isinstance(asked, Request) and asked.method == "HEAD")
            writer.write(reply.octets(with_body=with_body))
            self._callers.set_waiting(writer, waits=False)
            await writer.drain()
        await _linger(reader, writer)


def _address_of(peer: str) -> IPv4Address | IPv6Address:
    address = ip_address(peer.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


async def _ask_in_time(reader: asyncio.StreamReader) -> Request | Reply | None:
    """What the client asks for, or how that is refused. None when it left without asking."""
    try:
        return parse(await reader.readuntil(b"\r\n\r\n"))
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        return said(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"A request has at most {_HEAD} bytes.")


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Wait a moment for the peer to take the answer: to close over what it sent besides would destroy that.

    RFC 9112, section 9.6.
    """
    writer.write_eof()
    left = _LINGER_BYTES
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while left > 0 and (more := await reader.read(_HEAD)):
                left -= len(more)
