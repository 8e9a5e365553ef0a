"""The demo's LDAP server, on loopback."""

import asyncio
from contextlib import suppress

from gateway.demo.directory.session import Session
from gateway.demo.directory.tree import Tree
from protocols.dialogue import ProtocolError
from protocols.ldap import ber, codes
from protocols.ldap import message as ldap
from protocols.ldap.message import Message
from protocols.ldap.notice import notice_of_disconnection

_IDLE_SECONDS = 1800
_LONGEST_REQUEST = 256 * 1024
_IDLE = notice_of_disconnection(codes.UNAVAILABLE, b"Nothing was asked for half an hour; connect again")
_GONE = (asyncio.IncompleteReadError, OSError)


async def listen(host: str, port: int, tree: Tree) -> asyncio.Server:
    """Serve LDAP without TLS on `host` and `port` (0: a free one), for loopback only. Raises OSError."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(*_GONE):
                await _serve(Session(tree), reader, writer)
        finally:
            writer.close()

    return await asyncio.start_server(serve, host, port)


async def _serve(session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            async with asyncio.timeout(_IDLE_SECONDS):
                message = await _read(reader)
            if message.operation == ldap.UNBIND:
                return
            writer.write(session.answer(message))
            await writer.drain()
    except TimeoutError:
        writer.write(_IDLE)
    except ProtocolError as error:
        writer.write(notice_of_disconnection(codes.PROTOCOL_ERROR, error.sentence()))


async def _read(reader: asyncio.StreamReader) -> Message:
    data = b""
    while (needed := ber.measure(data, _LONGEST_REQUEST)) > len(data):
        data += await reader.readexactly(needed - len(data))
    return ldap.parse(data)
