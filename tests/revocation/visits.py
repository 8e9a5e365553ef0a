"""Clients at the door: sessions that stay, and tries that tell whether the door is still open."""

import asyncio
import time
from dataclasses import dataclass
from enum import Enum, auto

from tests.gateway.client import Client
from tests.gateway.dialects import DIALECTS, plain
from tests.gateway.site import REFUSAL, UNAVAILABLE
from tests.revocation.kinds import Right
from tests.servers.node import Node

# What a session of each protocol is doing when it is cut.
BUSY = {
    "imap": b"a IDLE\r\n",
    "smtp": b"MAIL FROM:<x@example.test>\r\nRCPT TO:<y@example.test>\r\nDATA\r\nSubject: half",
    "pop3": b"",
    "sieve": b'PUTSCRIPT "x" {100+}\r\nhalf',
}
_SECONDS = 10


class Answer(Enum):
    YES = auto()
    LATER = auto()  # the temporary code
    NO = auto()  # as to a wrong password
    NONE = auto()  # the connection was refused, broke, or nothing came for long


@dataclass(frozen=True, slots=True)
class Try:
    """When a login began and was answered, and how; in seconds of the machine's clock."""

    began: float
    ended: float
    answer: Answer


async def attempt(node: Node, right: Right, tls: bool = False) -> Try:
    """One login by IMAP on a connection of its own."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(_SECONDS):
            answer = await _ask(node, right, tls)
    except (OSError, TimeoutError):
        answer = Answer.NONE
    return Try(began, time.monotonic(), answer)


async def _ask(node: Node, right: Right, tls: bool) -> Answer:
    gateway = node.gateway
    context = gateway.client_context() if tls else None
    client = await Client.connect(gateway.imaps if tls else node.clear, tls=context)
    try:
        await client.line()
        said = await client.login(right.login, right.secret)
    finally:
        client.abort()
    known = {b"a " + REFUSAL: Answer.NO, b"a " + UNAVAILABLE: Answer.LATER, b"": Answer.NONE}
    return Answer.YES if said.startswith(b"a OK ") else known[said]


class Stay:
    """A session that is in, busy, and watched until its socket is closed."""

    def __init__(self, client: Client) -> None:
        self._watch = asyncio.create_task(self._until_closed(client))
        self._client = client

    @classmethod
    async def begin(cls, node: Node, right: Right, protocol: str) -> "Stay":
        """Raises AssertionError if it isn't let in."""
        dialect, gateway = DIALECTS[protocol], node.gateway
        context = gateway.client_context()
        client = await Client.connect(gateway.ports[protocol + "s"], tls=context)
        await dialect.greeting(client)
        await client.send(dialect.authenticate(plain(right.login, right.secret)))
        said = await client.line()
        assert said.startswith(dialect.accepted), f"{right.login} is told {said!r}"
        await client.send(BUSY[protocol])
        return cls(client)

    async def closed_at(self, until: float) -> float | None:
        """When the socket was closed, None if that takes longer than `until`."""
        try:
            async with asyncio.timeout(max(0.0, until - time.monotonic())):
                return await asyncio.shield(self._watch)
        except TimeoutError:
            return None

    @property
    def is_over(self) -> bool:
        """Whether the socket was closed."""
        return self._watch.done()

    def end(self) -> None:
        self._watch.cancel()
        self._client.abort()

    @staticmethod
    async def _until_closed(client: Client) -> float:
        while True:
            try:
                await client.rest()
            except TimeoutError:
                continue  # the client's own patience with answers
            return time.monotonic()
