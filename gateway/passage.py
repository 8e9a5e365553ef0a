"""The way to the backend for a client that stays in talk with its front (LDAP): message by message.

Who was passed through has bound at the directory himself, on a connection that nobody else ever uses. For all
whom the gateway admitted it's the gateway that is bound there: that connection is opened when the first
operation needs it, and outlives a new bind of the same client, as long as nothing can come any more on it.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from gateway.backend import Backend, BackendUnavailable, Opened
from gateway.connection import Connection
from gateway.dialogues import Exchange
from gateway.judgement import Admit, PassThrough
from gateway.log import log
from protocols.dialogue import ProtocolError
from protocols.terms import Client

_MOST_UNANSWERED = 1000
_CHUNK = 65536

Who = Admit | PassThrough | None


class Passage:
    """Carries one client's messages to the backend, and the backend's answers to the client.

    `on_lost` is told when the backend is gone and the session can't go on without it.
    """

    __slots__ = (
        "_backend",
        "_broken",
        "_client",
        "_exchange",
        "_goodbye",
        "_make_exchange",
        "_on_lost",
        "_room",
        "_task",
        "_turn",
        "_way",
        "_way_of",
        "_who",
    )

    def __init__(
        self,
        client: Connection,
        backend: Backend,
        make_exchange: Callable[[bytes], Exchange],
        goodbye: bytes,
        on_lost: Callable[[], None],
    ) -> None:
        self._client = client
        self._backend = backend
        self._make_exchange = make_exchange
        self._goodbye = goodbye
        self._on_lost = on_lost
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()
        self._exchange = make_exchange(b"")
        self._who: Who = None
        self._way: Connection | None = None
        self._way_of: Who = None
        self._task: asyncio.Task[None] | None = None
        self._broken = False  # the client has got half a message that nobody can finish

    @property
    def is_open(self) -> bool:
        """Whether there is a connection to the backend."""
        return self._way is not None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is unanswered, and nobody is in the middle of a message to the client."""
        between = self._exchange.between_messages and not self._turn.locked()
        return between and not self._exchange.unanswered and not self._client.more_is_waiting()

    async def say(self, data: bytes) -> None:
        """Send the front's own words, never in the middle of a message of the backend's."""
        async with self._turn:
            await self._client.write(data)

    def enter(self, who: Admit | PassThrough, opened: Opened | None) -> None:
        """What is forwarded from now on is asked by this user, who may have bound himself already."""
        self._who = who
        if opened is not None:
            self.close()
            self._begin(opened)

    async def leave(self) -> None:
        """What is forwarded from now on is asked by nobody."""
        self._who = None
        settled = self._exchange.settled
        if self._way is not None and not (settled and isinstance(self._way_of, Admit)):
            async with self._turn:  # the client gets no half message
                self.close()  # which abandons what is unanswered (RFC 4511, section 4.2.1)

    async def forward(self, request: Any) -> bool:
        """Send it to the backend. False when there is none."""
        while self._exchange.unanswered >= _MOST_UNANSWERED:
            self._room.clear()
            await self._room.wait()
        try:
            way = await self._opened()
        except BackendUnavailable as error:
            if self._backend.may_write_line():
                log.warning("operation not forwarded", problem=str(error))
            return False
        alone = not self._exchange.unanswered
        try:
            await way.write(self._exchange.ask(request))
        except OSError as error:
            if alone:
                self.close()
            else:
                self._lose(str(error))
            return False
        return True

    def say_goodbye(self) -> None:
        """Say that the session ends, if the client can be told now."""
        if not (self._turn.locked() or self._broken):
            self._client.write_at_once(self._goodbye)

    def close(self) -> None:
        """May be called again."""
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()
        if self._way is not None:
            self._way.close()
        self._way = self._way_of = None
        self._exchange = self._make_exchange(b"")

    async def _opened(self) -> Connection:
        """The connection for whoever asks now. Raises `BackendUnavailable`."""
        who = self._who
        if self._way is not None and self._way_of is who:
            return self._way
        if isinstance(who, PassThrough):
            raise BackendUnavailable("the connection on which the user had bound is gone")
        identity = await self._backend.identity(who) if who is not None else b""
        if self._way is not None:
            async with self._turn:
                if who is None:
                    self.close()  # there the gateway is bound, and nobody asks in its name
        if self._way is None:
            self._begin(await self._backend.open_for_gateway(who, _address(self._client)))
        self._exchange, self._way_of = self._make_exchange(identity), who
        assert self._way is not None
        return self._way

    def _begin(self, opened: Opened) -> None:
        self._way, self._way_of = opened.connection, self._who
        self._task = asyncio.get_running_loop().create_task(self._carry_answers(self._way, opened.behind))

    async def _carry_answers(self, way: Connection, behind: bytes) -> None:
        try:
            data = behind or await _heard(way)
            while data:
                async with self._turn:
                    await self._carry(way, data)
                if self._exchange.unanswered < _MOST_UNANSWERED:
                    self._room.set()
                data = await _heard(way)
            self._lose("it closed the connection")
        except ProtocolError as error:
            self._lose(str(error))
        except OSError:
            self._on_lost()  # the client is gone
        except Exception:
            log.exception("answers can't be carried")
            self._on_lost()

    async def _carry(self, way: Connection, data: bytes) -> None:
        """Send answers on, up to the end of a message."""
        while data:
            self._exchange.hear(data)
            await self._client.write(data)
            if self._exchange.between_messages:
                return
            data = await _heard(way)

    def _lose(self, problem: str) -> None:
        """The backend is gone. Where nobody waits, and the gateway can bind again, nobody need know."""
        whole, unanswered = self._exchange.between_messages, self._exchange.unanswered
        by_himself = isinstance(self._way_of, PassThrough)
        self.close()
        if whole and not unanswered and not by_himself:
            return
        if self._backend.may_write_line():
            log.warning("backend lost", problem=problem, unanswered=unanswered)
        self._broken = not whole
        self._on_lost()


async def _heard(way: Connection) -> bytes:
    """What the backend says; b"" when it has ended, however that came about."""
    try:
        return await way.read(_CHUNK)
    except OSError:
        return b""


def _address(client: Connection) -> Client:
    return Client(str(client.address).encode(), client.port)
