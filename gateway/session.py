"""One client, from greeting to goodbye."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from config import Listener as ListenerSettings
from gateway.connection import Connection, TlsFailed, may_connect
from gateway.converse import Answer, Asked, Finished, converse
from gateway.dialogues import DIALOGUES
from gateway.entrance import Entrance
from gateway.gatekeeper import Attempt
from gateway.house import House
from gateway.log import log
from gateway.login_line import printable
from gateway.passage import Passage
from gateway.relay import Relay
from protocols.dialogue import Dialogue, Login, LoginResult, LogOut, Outcome, ProtocolError
from protocols.terms import FrontTerms


class Session:
    """The life of one client's connection. `on_end` is told once when it's over."""

    __slots__ = (
        "_client",
        "_entrance",
        "_house",
        "_judging",
        "_listener",
        "_on_end",
        "_passage",
        "_relay",
        "_talks",
        "_task",
        "started",
    )

    def __init__(
        self,
        client: Connection,
        listener: ListenerSettings,
        house: House,
        on_end: Callable[["Session"], None],
    ) -> None:
        self._client = client
        self._listener = listener
        self._house = house
        self._on_end: Callable[[Session], None] | None = on_end
        self._entrance = Entrance(house, listener.protocol, client)
        self._passage: Passage | None = None
        self._relay: Relay | None = None
        self._task: asyncio.Task[None] | None = None
        self._talks = self._judging = False
        self.started = house.loop.time()

    def start(self) -> None:
        """Begin. It ends when the client has left, was turned away or was cut."""
        # Behind a load balancer the client's own address is known only once its PROXY header is read.
        self._house.strangers.enter(self, None if self._listener.proxy_from else self._client.address)
        self._task = self._house.loop.create_task(self._until_relayed())
        # Not a `finally` in the task: one that is cut before its first step runs none.
        self._task.add_done_callback(self._leave_task)

    async def _until_relayed(self) -> None:
        """A session that relays needs no task: it's the relay that ends it, or whoever cuts it."""
        try:
            await self._run()
        except (ProtocolError, TlsFailed) as error:
            if self._house.lines.of_source(self._client.address):
                log.info("client turned away", **self._whence(), reason=str(error))
            await self._client.linger()
        except (EOFError, OSError) as error:
            log.debug("client left", **self._whence(), reason=str(error) or type(error).__name__)
        except Exception:
            log.exception("session failed", **self._whence())

    def _leave_task(self, _: asyncio.Task[None]) -> None:
        self._task = None
        if self._relay is None:
            self._end()

    async def _run(self) -> None:
        client = self._client
        if self._listener.proxy_from:
            await client.read_proxy_header()
            self._house.strangers.know(self, client.address)
            if not may_connect(client.address, self._listener.sources):
                raise ProtocolError("its address may not connect here")
        if self._listener.tls == "implicit":
            await client.start_tls(self._tls())
        self._talks = True
        front, write = self._front(), self._write()
        said = await converse(front, client, self._tls, write=write)
        while not isinstance(said, Finished):
            self._judging = True
            answer = await self._carry_out(said)
            self._judging = False
            said = await converse(front, client, self._tls, answer=answer, write=write)
        if said.value is not None:
            self._start_relay(said.value)
        elif self._passage is None and client.more_is_waiting():
            await client.linger()  # an Unbind is answered by nothing that could be lost

    def _tls(self) -> ssl.SSLContext:
        return self._house.certificates.context(self._listener)

    def _front(self) -> Dialogue[bytes | None]:
        protocol, house = self._listener.protocol, self._house
        terms = FrontTerms(
            tls=self._listener.tls == "implicit",
            starttls=self._listener.tls == "starttls",
            failed_logins=house.failed_logins,
            host=house.host,
            offered=house.backends[protocol].offered,
            directory=house.directory,
        )
        return DIALOGUES[protocol].front(terms)

    def _write(self) -> Callable[[bytes], Awaitable[None]]:
        """How the front's words reach the client: alone on the way, or in turn with the backend's."""
        dialogues = DIALOGUES[self._listener.protocol]
        if dialogues.exchange is None:
            return self._client.write
        backend = self._house.backends[self._listener.protocol]
        self._passage = Passage(self._client, backend, dialogues.exchange, dialogues.goodbye, self.abandon)
        return self._passage.say

    def _attempt(self, login: Login) -> Attempt:
        return Attempt(
            credentials=login.credentials,
            protocol=self._listener.protocol,
            listener=self._listener.label,
            address=self._client.address,
            port=self._client.port,
            tls=self._client.tls,
            client=printable(login.client),
            started=self._house.loop.time(),
        )

    async def _carry_out(self, request: Asked) -> Answer:
        """What the front asks for that its connection can't do."""
        if isinstance(request, Login):
            return await self._log_in(self._attempt(request))
        if isinstance(request, LogOut):
            await self._log_out()
            return None
        assert self._passage is not None, "only a front that stays forwards"
        return await self._passage.forward(request.request)

    async def _log_in(self, attempt: Attempt) -> LoginResult:
        if self._entrance.live is not None or (self._passage is not None and self._passage.is_open):
            await self._log_out()
        result = await self._entrance.log_in(attempt, self.cut)
        if result.outcome is Outcome.ACCEPTED:
            self._house.strangers.leave(self)
            if self._passage is not None and self._entrance.verdict is not None:
                self._passage.enter(self._entrance.verdict, self._entrance.opened)
        return result

    async def _log_out(self) -> None:
        """Whoever was in is so no longer, and has as much time as a stranger to log in again."""
        if self._entrance.live is not None:
            self._entrance.leave()
            self.started = self._house.loop.time()
            self._house.strangers.enter(self, self._client.address)
        if self._passage is not None:
            await self._passage.leave()

    def _start_relay(self, pipelined: bytes) -> None:
        opened = self._entrance.hand_over()
        house, watched = self._house, DIALOGUES[self._listener.protocol].progress
        progress = watched() if watched is not None else None
        self._relay = Relay(self._client, opened.connection, house.poller, house.buffer, self._end, progress)
        self._relay.start(to_back=pipelined, to_front=opened.behind)

    def cut(self, reason: str) -> None:
        """End the session at once."""
        live = self._entrance.live
        self._house.tally.cut[reason] += 1
        if live is not None or self._house.lines.of_source(self._client.address):
            log.info("session cut", **self._whence(), user=live.login if live else "", reason=reason)
        self.abandon()

    def end_if_idle(self) -> None:
        """End the session with a goodbye if that leaves nothing half done, in the protocols that can tell."""
        if self._relay is not None and self._relay.is_idle:
            self.end_politely()
        elif self._passage is not None and self._waits_for_the_client() and self._passage.is_idle:
            self.abandon()

    def _waits_for_the_client(self) -> bool:
        return self._entrance.live is not None and not self._judging

    def end_politely(self) -> None:
        """End the session, with a goodbye where the client can't mistake it for something else."""
        goodbye = DIALOGUES[self._listener.protocol].goodbye
        if self._relay is not None:
            self._relay.say_goodbye(goodbye)
        elif self._passage is None and self._talks:
            self._client.write_at_once(goodbye)
        self.abandon()

    def abandon(self) -> None:
        """The same without a word in the log."""
        if self._passage is not None:
            self._passage.say_goodbye()
        if self._relay is not None:
            self._relay.stop()
        elif self._task is not None:
            self._task.cancel()

    def _end(self) -> None:
        on_end, self._on_end = self._on_end, None
        if on_end is None:
            return
        self._house.strangers.leave(self)
        self._client.close()
        self._entrance.close()
        if self._passage is not None:
            self._passage.close()
        on_end(self)

    def _whence(self) -> dict[str, str]:
        return {"listener": self._listener.label, "address": str(self._client.address)}
