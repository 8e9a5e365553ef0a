"""One client, from greeting to goodbye."""

import asyncio
import math
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from config import Listener as ListenerSettings
from gateway.backend import BackendUnavailable, Opened
from gateway.connection import Connection, TlsFailed, may_connect
from gateway.converse import converse
from gateway.dialogues import DIALOGUES
from gateway.gatekeeper import Attempt
from gateway.house import House
from gateway.judgement import Admit, PassThrough, Refusal, Refuse, Why
from gateway.log import log
from gateway.login_line import log_login, printable
from gateway.relay import Relay
from gateway.sessions import LiveSession
from protocols.dialogue import Dialogue, Login, LoginResult, Outcome, ProtocolError
from protocols.terms import Client, FrontTerms
from store.model import LastUse


class Session:
    """The life of one client's connection. `on_end` is told once when it's over."""

    __slots__ = (
        "_backend",
        "_client",
        "_house",
        "_listener",
        "_live",
        "_on_end",
        "_opened",
        "_relay",
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
        self._opened: Opened | None = None
        self._backend: Connection | None = None
        self._live: LiveSession | None = None
        self._relay: Relay | None = None
        self._task: asyncio.Task[None] | None = None
        self.started = house.loop.time()

    def start(self) -> None:
        """Begin. It ends when the client has left, was turned away or was cut."""
        self._house.strangers.enter(self)
        self._task = self._house.loop.create_task(self._until_relayed())
        # Not a `finally` in the task: one that is cut before its first step runs none.
        self._task.add_done_callback(self._leave_task)

    async def _until_relayed(self) -> None:
        """A session that relays needs no task: it's the relay that ends it, or whoever cuts it."""
        try:
            await self._run()
        except (ProtocolError, TlsFailed) as error:
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
            if not may_connect(client.address, self._listener.sources):
                raise ProtocolError("its address may not connect here")
        if self._listener.tls == "implicit":
            await client.start_tls(self._tls())
        front = self._front()
        said = await converse(front, client, self._tls)
        while isinstance(said, Login):
            answer = await self._log_in(self._attempt(said))
            said = await converse(front, client, self._tls, answer=answer)
        if self._opened is not None:
            self._start_relay(said.value or b"", self._opened)
        elif client.more_is_waiting():
            await client.linger()

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
        )
        return DIALOGUES[protocol].front(terms)

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

    async def _log_in(self, attempt: Attempt) -> LoginResult:
        """The gatekeeper judges; who is let in is logged in at the backend."""
        verdict = await self._house.gatekeeper.judge(attempt)
        refused = verdict.why if isinstance(verdict, Refuse) else await self._enter(verdict, attempt)
        log_login(attempt, verdict, refused, self._house.loop.time() - attempt.started)
        if refused is None and self._opened is not None:
            return self._opened.result
        return await self._refuse(refused or Why.BACKEND_UNAVAILABLE, attempt)

    async def _enter(self, verdict: Admit | PassThrough, attempt: Attempt) -> Why | None:
        """Open the backend and enter the table of live sessions. Returns why not, if not."""
        house = self._house
        backend = house.backends[attempt.protocol]
        client = Client(str(attempt.address).encode(), attempt.port, attempt.client.encode())
        try:
            opened = await backend.open(verdict, attempt.credentials, client)
        except BackendUnavailable:
            return Why.BACKEND_UNAVAILABLE
        self._opened, self._backend = opened, opened.connection
        refused = _refused_by_backend(verdict, opened.result)
        if refused is None and house.gatekeeper.is_outdated(verdict):
            refused = Why.CHANGED_MEANWHILE
        live = self._live_session(verdict, attempt)
        if refused is None and not house.sessions.has_room(live.login):
            refused = Why.TOO_MANY_SESSIONS
        if refused is not None:
            opened.connection.close()
            self._opened = self._backend = None
            return refused
        house.strangers.leave(self)
        house.sessions.enter(live)
        self._live = live
        if isinstance(verdict, Admit):
            use = LastUse(live.since, attempt.protocol, str(attempt.address), attempt.client)
            house.last_used.note(verdict.app_password.id, use)
        return None

    def _live_session(self, verdict: Admit | PassThrough, attempt: Attempt) -> LiveSession:
        user = verdict.account.user if verdict.account is not None else None
        app_password = verdict.app_password if isinstance(verdict, Admit) else None
        return LiveSession(
            number=self._house.sessions.next_number(),
            login=user.login if user is not None else self._unknown(attempt),
            user_id=user.id if user is not None else None,
            app_password_id=app_password.id if app_password is not None else None,
            app_password_name=app_password.name if app_password is not None else "",
            protocol=attempt.protocol,
            listener=attempt.listener,
            address=attempt.address,
            since=datetime.now(UTC),
            until=verdict.until,
            cut=self.cut,
        )

    def _unknown(self, attempt: Attempt) -> str:
        """Of a user who passed though the store doesn't know him: limits and `kick` go by this name."""
        return self._house.gatekeeper.login_name(attempt.credentials.username) or ""

    async def _refuse(self, why: Why, attempt: Attempt) -> LoginResult:
        """The answer, at a moment that tells nothing: whole turns of the refusal time after the attempt."""
        turn = self._house.refusal_seconds
        if turn and why.kind is not Refusal.UNAVAILABLE:
            elapsed = self._house.loop.time() - attempt.started
            await asyncio.sleep(max(1, math.ceil(elapsed / turn)) * turn - elapsed)
        answer = self._house.refusals.answer(why)
        return replace(answer, pipelined=self._client.more_is_waiting())

    def _start_relay(self, pipelined: bytes, opened: Opened) -> None:
        self._opened = None  # its words have been said
        house = self._house
        self._relay = Relay(self._client, opened.connection, house.poller, house.buffer, self._end)
        self._relay.start(to_back=pipelined, to_front=opened.behind)

    def cut(self, reason: str) -> None:
        """End the session at once."""
        log.info("session cut", **self._whence(), user=self._live.login if self._live else "", reason=reason)
        self.abandon()

    def abandon(self) -> None:
        """The same without a word in the log."""
        if self._relay is not None:
            self._relay.stop()
        elif self._task is not None:
            self._task.cancel()

    def _end(self) -> None:
        on_end, self._on_end = self._on_end, None
        if on_end is None:
            return
        self._house.strangers.leave(self)
        if self._live is not None:
            self._house.sessions.leave(self._live)
        self._client.close()
        if self._backend is not None:
            self._backend.close()
        on_end(self)

    def _whence(self) -> dict[str, str]:
        return {"listener": self._listener.label, "address": str(self._client.address)}


def _refused_by_backend(verdict: Admit | PassThrough, result: LoginResult) -> Why | None:
    if result.outcome is Outcome.ACCEPTED:
        return None
    if isinstance(verdict, PassThrough) and result.outcome is Outcome.REJECTED:
        return Why.BACKEND_REFUSED
    log.error(
        "backend refused the gateway's own login"
        if isinstance(verdict, Admit)
        else "backend could not decide",
        backend_said=printable(result.text),
    )
    return Why.BACKEND_UNAVAILABLE
