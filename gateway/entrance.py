"""How a client gets in: judged by the gatekeeper, logged in at the backend, entered as a live session."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from config import ProtocolName
from gateway.backend import BackendUnavailable, Opened
from gateway.connection import Connection, shown
from gateway.dialogues import DIALOGUES
from gateway.gatekeeper import Attempt
from gateway.house import House
from gateway.judgement import Admit, PassThrough, Refusal, Refuse, Verdict, Why
from gateway.log import log
from gateway.login_line import note_login, printable
from gateway.refused import note_refused
from gateway.sessions import LiveSession
from protocols.dialogue import LoginResult, Outcome
from protocols.terms import Client
from store.model import LastUse, MfaState

_AFTER_THE_YES = (Why.CHANGED_MEANWHILE, Why.TOO_MANY_SESSIONS)  # the backend has taken the password


class Entrance:
    """Of one client. `live` is its entry among the live sessions, while somebody is in; so is `verdict`.

    `opened` is the backend, as long as nobody else has taken charge of it.
    """

    __slots__ = ("_backend", "_client", "_house", "_protocol", "live", "opened", "verdict")

    def __init__(self, house: House, protocol: ProtocolName, client: Connection) -> None:
        self._house = house
        self._protocol = protocol
        self._client = client
        self._backend: Connection | None = None
        self.live: LiveSession | None = None
        self.verdict: Admit | PassThrough | None = None
        self.opened: Opened | None = None

    async def log_in(self, attempt: Attempt, cut: Callable[[str], None]) -> LoginResult:
        """The gatekeeper judges; who is let in is logged in at the backend. `cut` ends the session."""
        verdict = await self._house.gatekeeper.judge(attempt)
        judged = self._house.loop.time()
        refused = await self._carry_out(verdict, attempt, cut)
        note_login(self._house.tally, attempt, verdict, refused, judged, self._house.loop.time())
        note_refused(self._house.refused_logins, attempt, verdict, refused)
        if refused is not None or isinstance(verdict, Refuse):
            return await self._refuse(refused or Why.BACKEND_UNAVAILABLE, attempt)
        return self.opened.result if self.opened is not None else _admitted(verdict)

    def hand_over(self) -> Opened:
        """The backend for the relay. What was said at the login is said, and nobody keeps it."""
        opened = self.opened
        assert opened is not None, "a front that relays has logged somebody in"
        self.opened = self.verdict = None
        return opened

    def leave(self) -> None:
        """Nobody is in any more."""
        if self.live is not None:
            self._house.sessions.leave(self.live)
        self.live = self.verdict = self.opened = None

    def close(self) -> None:
        """The same, and the backend's connection ends. May be called again."""
        self.leave()
        if self._backend is not None:
            self._backend.close()

    async def _carry_out(self, verdict: Verdict, attempt: Attempt, cut: Callable[[str], None]) -> Why | None:
        """Returns why the client did not get in, if it didn't. The throttle always hears how it ended."""
        if isinstance(verdict, Refuse):
            return verdict.why
        refused: Why | None = Why.BACKEND_REFUSED  # as long as nobody knows: who leaves early has guessed too
        try:
            refused = await self._enter(verdict, attempt, cut)
        finally:
            self._tell_throttle(verdict, attempt, refused)
        return refused

    def _tell_throttle(self, verdict: Admit | PassThrough, attempt: Attempt, refused: Why | None) -> None:
        throttle = self._house.throttle
        if isinstance(verdict, Admit):
            user = verdict.account.user
            if refused is None and user.mfa is not MfaState.ENFORCED:  # who may use the main password too
                throttle.welcome(user.login, attempt.address)
        elif verdict.guess is not None:
            if refused is Why.BACKEND_REFUSED:
                throttle.wrong(verdict.guess)
            elif refused is None or refused in _AFTER_THE_YES:
                throttle.right(verdict.guess)
            else:
                throttle.undecided(verdict.guess)

    async def _enter(
        self, verdict: Admit | PassThrough, attempt: Attempt, cut: Callable[[str], None]
    ) -> Why | None:
        """Open the backend and enter the table of live sessions. Returns why not, if not."""
        live = self._live_session(verdict, attempt, cut)
        try:
            refused = await self._open(verdict, attempt) or self._obstacle(verdict, live)
        except BackendUnavailable:
            refused = Why.BACKEND_UNAVAILABLE
        if refused is not None:
            self.close()
            return refused
        self._house.sessions.enter(live)
        self.live, self.verdict = live, verdict
        refused = await self._house.gatekeeper.became_known(verdict) if verdict.account is None else None
        if refused is not None:
            self.close()
            return refused
        if isinstance(verdict, Admit):
            use = LastUse(live.since, attempt.protocol, shown(attempt.address), attempt.client)
            self._house.last_used.note(verdict.app_password.id, use)
        return None

    async def _open(self, verdict: Admit | PassThrough, attempt: Attempt) -> Why | None:
        """Log in at the backend, unless that can wait until there is something to forward."""
        if isinstance(verdict, Admit) and DIALOGUES[self._protocol].exchange is not None:
            return None
        client = Client(str(attempt.address).encode(), attempt.port, attempt.client.encode())
        opened = await self._house.backends[self._protocol].open(verdict, attempt.credentials, client)
        self.opened, self._backend = opened, opened.connection
        return _refused_by_backend(verdict, opened.result)

    def _obstacle(self, verdict: Admit | PassThrough, live: LiveSession) -> Why | None:
        if self._house.gatekeeper.is_outdated(verdict):
            return Why.CHANGED_MEANWHILE
        return None if self._house.sessions.has_room(live.login) else Why.TOO_MANY_SESSIONS

    def _live_session(
        self, verdict: Admit | PassThrough, attempt: Attempt, cut: Callable[[str], None]
    ) -> LiveSession:
        user = verdict.account.user if verdict.account is not None else None
        app_password = verdict.app_password if isinstance(verdict, Admit) else None
        return LiveSession(
            number=self._house.sessions.next_number(),
            login=_login(verdict),
            user_id=user.id if user is not None else None,
            dn=user.dn if user is not None else None,
            claimed_dn=verdict.dn if isinstance(verdict, PassThrough) else "",
            app_password_id=app_password.id if app_password is not None else None,
            app_password_name=app_password.name if app_password is not None else "",
            protocol=attempt.protocol,
            listener=attempt.listener,
            address=attempt.address,
            since=datetime.now(UTC),
            until=verdict.until,
            cut=cut,
        )

    async def _refuse(self, why: Why, attempt: Attempt) -> LoginResult:
        """The answer, at a moment that tells nothing: whole turns of the refusal time after the attempt."""
        turn = self._house.refusal_seconds
        if turn and why.kind is not Refusal.UNAVAILABLE:
            elapsed = self._house.loop.time() - attempt.started
            await asyncio.sleep(max(1, math.ceil(elapsed / turn)) * turn - elapsed)
        answer = self._house.refusals.answer(why)
        return replace(answer, pipelined=self._client.more_is_waiting())


def _login(verdict: Admit | PassThrough) -> str:
    """What limits, `kick` and the table of sessions go by."""
    if verdict.account is not None:
        return verdict.account.user.login
    return verdict.name if isinstance(verdict, PassThrough) else ""


def _admitted(verdict: Admit | PassThrough) -> LoginResult:
    """The yes to somebody for whom no backend was asked."""
    assert verdict.account is not None, "who isn't known is passed through"
    user = verdict.account.user
    identity = f"dn:{user.dn}" if user.dn else f"u:{user.login}"
    return LoginResult(Outcome.ACCEPTED, b"", delegated=identity.encode())


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
