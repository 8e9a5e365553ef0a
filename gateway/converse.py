"""Carries out what a dialogue asks for."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.connection import Connection
from protocols.dialogue import Dialogue, Login, LoginResult, Read, Send, StartTLS

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finished(Generic[T]):
    """The dialogue came to its end and returned this."""

    value: T


async def converse(
    dialogue: Dialogue[T],
    connection: Connection,
    tls: Callable[[], ssl.SSLContext],
    server_name: str | None = None,
    answer: LoginResult | None = None,
) -> Login | Finished[T]:
    """Run the dialogue until it asks for a login or ends. `answer` is for the login it asked for before.

    `tls` gives the context of a handshake, should there be one; `server_name` makes us its client. Raises
    what the dialogue raises (`ProtocolError`, `EOFError`), `TlsFailed`, and OSError when the connection
    breaks.
    """
    reply: bytes | LoginResult | None = answer
    while True:
        try:
            request = dialogue.send(reply)
        except StopIteration as end:
            return Finished(end.value)
        reply = None
        if isinstance(request, Read):
            reply = await connection.read()
        elif isinstance(request, Send):
            await connection.write(request.data)
        elif isinstance(request, StartTLS):
            await connection.start_tls(tls(), server_name)
        else:
            return request
