"""Carries out what a dialogue asks for."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from gateway.connection import Connection
from protocols.dialogue import (
    AnsweredTooSoon,
    Dialogue,
    Forward,
    Login,
    LoginResult,
    LogOut,
    Read,
    Send,
    StartTLS,
)

T = TypeVar("T")

Asked: TypeAlias = Login | LogOut | Forward  # what a connection alone can't do
Answer: TypeAlias = LoginResult | bool | None


@dataclass(frozen=True, slots=True)
class Finished(Generic[T]):
    """The dialogue came to its end and returned this."""

    value: T


async def converse(
    dialogue: Dialogue[T],
    connection: Connection,
    tls: Callable[[], ssl.SSLContext],
    server_name: str | None = None,
    answer: Answer = None,
    write: Callable[[bytes], Awaitable[None]] | None = None,
) -> Asked | Finished[T]:
    """Run the dialogue until it asks for more than its connection can do, or ends.

    `answer` is for what it asked for before. `tls` gives the context of a handshake, should there be one;
    `server_name` makes us its client. `write` stands in for the connection's own, where somebody else writes
    too. Raises what the dialogue raises (`ProtocolError`, `EOFError`), `TlsFailed`, and OSError when the
    connection breaks.
    """
    write = write or connection.write
    reply: bytes | Answer = answer
    while True:
        try:
            request = dialogue.send(reply)
        except StopIteration as end:
            return Finished(end.value)
        reply = None
        if isinstance(request, Read):
            reply = await connection.read()
        elif isinstance(request, Send):
            if request.question and connection.spoke_unasked():
                raise AnsweredTooSoon
            await write(request.data)
        elif isinstance(request, StartTLS):
            await connection.start_tls(tls(), server_name)
        else:
            return request
