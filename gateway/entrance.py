"""How a client gets in: judged by the gatekeeper, logged in at the backend, entered as a live session."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from config import ProtocolName
from gateway.backend import Backend, BackendUnavailable, Opened
from gateway.connection import Connection, shown
from gateway.dialogues import DIALOGUES
from gateway.directory_names import NoOwnEntry
from gateway.gatekeeper import Attempt
from gateway.house import House
from gateway.judgement import Admit, PassThrough, Refusal, Refuse, Verdict, Why
from gateway.log import log
from gateway.login_line import note_login, printable
from gateway.outage import Reach
from gateway.refused import note_refused
from gateway.reported_identity import entry_of
from gateway.sessions import LiveSession
from protocols.dialogue import LoginResult, Outcome
from protocols.terms import Client
from store.model import LastUse, MfaState

_WITHOUT_AN_ANSWER = (Why.BACKEND_UNAVAILABLE, Why.DIRECTORY_UNAVAILABLE)


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
        ended = self._house.loop.time()
        note_login(self._house.tally, self._house.lines, attempt, verdict, refused, judged, ended)
        note_refused(self._house.refused_logins, attempt, verdict, refused)
        if refused is not None or isinstance(verdict, Refuse):
            return await self._refuse(refused or Why.BACKEND_UNAVAILABLE, verdict, attempt)
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
        if isinstance(verdict, Admit):
            return await self._welcome(verdict, attempt, cut)
        if not _is_a_strangers(verdict):
            return verdict.why if isinstance(verdict, Refuse) else None
        reach = await self._find_out(verdict)
        if isinstance(verdict, PassThrough) and reach is not Reach.DOWN:
            seconds = None if reach is Reach.UP else self._turn(attempt)
            return await self._enter(verdict, attempt, cut, seconds)
        self._tell_throttle(verdict, reach)
        if isinstance(verdict, Refuse) and (reach is Reach.UP or verdict.why in _WITHOUT_AN_ANSWER):
            return verdict.why
        return Why.BACKEND_UNAVAILABLE

    async def _welcome(self, verdict: Admit, attempt: Attempt, cut: Callable[[str], None]) -> Why | None:
        refused = await self._enter(verdict, attempt, cut)
        user = verdict.account.user
        if refused is None and user.mfa is not MfaState.ENFORCED:  # who may use the main password too
            self._house.throttle.welcome(user.login, attempt.address)
        return refused

    async def _find_out(self, verdict: PassThrough | Refuse) -> Reach:
        """Whether the backend can judge main passwords now."""
        outage = self._house.backends[self._protocol].outage
        if isinstance(verdict, Refuse) and verdict.why is Why.DIRECTORY_UNAVAILABLE:
            outage.failed()
        try:
            return await outage.find_out()
        except asyncio.CancelledError:
            self._tell_throttle(verdict, Reach.UP)
            raise

    def _tell_throttle(self, verdict: PassThrough | Refuse, reach: Reach) -> None:
        """How a guess ended that no backend was asked about."""
        if verdict.guess is None:
            return
        if isinstance(verdict, Refuse) and reach is Reach.UP:
            self._house.throttle.wrong(verdict.guess)
        else:
            self._house.throttle.undecided(verdict.guess)

    def _turn(self, attempt: Attempt) -> float | None:
        """Seconds until the attempt is answered if it's refused; None where that is at once."""
        turn = self._house.refusal_seconds
        elapsed = self._house.loop.time() - attempt.started
        return max(1, math.ceil(elapsed / turn)) * turn - elapsed if turn else None

    async def _enter(
        self,
        verdict: Admit | PassThrough,
        attempt: Attempt,
        cut: Callable[[str], None],
        seconds: float | None = None,
    ) -> Why | None:
        """Open the backend, which has `seconds` for it, and enter the table of live sessions.

        Returns why not, if not.
        """
        live = self._live_session(verdict, attempt, cut)
        try:
            refused = await self._open(verdict, attempt, seconds) or self._obstacle(verdict, live)
        except BackendUnavailable:
            refused = Why.BACKEND_UNAVAILABLE
        except NoOwnEntry:
            refused = Why.BACKEND_REFUSED
        if refused is not None:
            self.close()
            return refused
        reported = self.opened.result.reported if self.opened is not None else None
        live.claimed_dn = live.claimed_dn or entry_of(reported)
        self._house.sessions.enter(live)
        self.live, self.verdict = live, verdict
        refused = await self._last_objection(verdict, reported)
        if refused is not None:
            self.close()
            return refused
        if isinstance(verdict, Admit):
            use = LastUse(live.since, attempt.protocol, shown(attempt.address), attempt.client)
            self._house.last_used.note(verdict.app_password.id, use)
        return None

    async def _last_objection(self, verdict: Admit | PassThrough, reported: bytes | None) -> Why | None:
        """What can be known only now that the backend has taken the user, and the table has the session."""
        if verdict.account is not None and reported is None:
            return None
        refused = await self._house.gatekeeper.objection(verdict, reported)
        if refused is Why.BACKEND_KNOWS_ANOTHER and isinstance(verdict, PassThrough) and verdict.guess:
            self._house.throttle.wrong(verdict.guess)  # a right password, but another user's
        return refused

    async def _open(
        self, verdict: Admit | PassThrough, attempt: Attempt, seconds: float | None
    ) -> Why | None:
        """Log in at the backend, unless that can wait until there is something to forward."""
        if isinstance(verdict, Admit) and DIALOGUES[self._protocol].exchange is not None:
            return None
        backend = self._house.backends[self._protocol]
        opened: Opened | None
        if isinstance(verdict, PassThrough):
            opened = await self._house.questions.ask(backend, verdict, attempt, seconds)
        else:
            opened = await backend.open(verdict, attempt.credentials, _client(attempt))
        if opened is None:
            return Why.BACKEND_UNAVAILABLE
        self.opened, self._backend = opened, opened.connection
        return _refused_by_backend(verdict, opened.result, backend)

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

    async def _refuse(self, why: Why, verdict: Verdict, attempt: Attempt) -> LoginResult:
        """The answer, at a moment that tells nothing: whole turns of the refusal time after the attempt.

        What strangers are told while the backend is down is the same for every name.
        """
        is_a_strangers = _is_a_strangers(verdict)
        seconds = self._turn(attempt)
        if seconds is not None and (is_a_strangers or why.kind is not Refusal.UNAVAILABLE):
            await asyncio.sleep(seconds)
        if is_a_strangers and self._house.backends[self._protocol].outage.reach is not Reach.UP:
            why = Why.BACKEND_UNAVAILABLE
        answer = self._house.refusals.answer(why)
        return replace(answer, pipelined=self._client.more_is_waiting())


def _is_a_strangers(verdict: Verdict) -> bool:
    """Whether it was judged by what anybody may present, or is the backend's to judge."""
    if isinstance(verdict, Refuse):
        if verdict.why is Why.MALFORMED:  # whatever the name is
            return False
        is_judged = verdict.why.kind not in (Refusal.UNAVAILABLE, Refusal.THROTTLED)
        return verdict.app_password is None and (is_judged or verdict.why in _WITHOUT_AN_ANSWER)
    return isinstance(verdict, PassThrough)


def _client(attempt: Attempt) -> Client:
    return Client(str(attempt.address).encode(), attempt.port, attempt.client.encode())


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


def _refused_by_backend(verdict: Admit | PassThrough, result: LoginResult, backend: Backend) -> Why | None:
    if result.outcome is Outcome.ACCEPTED:
        return None
    if isinstance(verdict, PassThrough) and result.outcome is Outcome.REJECTED:
        return Why.BACKEND_REFUSED
    admitted = isinstance(verdict, Admit)
    event = "backend refused the gateway's own login" if admitted else "backend could not decide"
    if backend.may_write_line():
        log.error(event, backend_said=printable(result.text))
    return Why.BACKEND_UNAVAILABLE
