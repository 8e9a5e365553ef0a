"""The promise: a change in the store drops what is remembered of the user and cuts what no longer holds."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from gateway.accounts import Accounts
from gateway.gatekeeper import Gatekeeper
from gateway.judgement import Admit, PassThrough, Refuse, Why
from gateway.sessions import LiveSession, Sessions
from gateway.verified import VerifiedLogins
from store.model import Account, Change, User

_AT_ONCE = 500  # accounts


class Revocation:
    """Holds live sessions against the judgement of now."""

    __slots__ = ("_accounts", "_blind_seconds", "_gatekeeper", "_sessions", "_verified")

    def __init__(
        self,
        accounts: Accounts,
        verified: VerifiedLogins,
        gatekeeper: Gatekeeper,
        sessions: Sessions,
        blind_seconds: float,
    ) -> None:
        self._accounts = accounts
        self._verified = verified
        self._gatekeeper = gatekeeper
        self._sessions = sessions
        self._blind_seconds = blind_seconds

    async def apply(self, changes: Sequence[Change]) -> None:
        """Deal with new rows of the feed. Raises `StoreUnavailable` before the rows count as seen."""
        for change in changes:
            self._accounts.forget(change)
        concerned = {change.user_id for change in changes}
        if self._sessions.unknown:
            await self._adopt_by(concerned)
        await self._recheck(concerned)

    async def apply_gap(self, history: str) -> None:
        """Nobody knows what happened while the feed was out of sight: believe nothing that is remembered."""
        await self._accounts.forget_all(history)
        self._verified.forget_all()
        if self._sessions.unknown:
            await self._adopt_by(await self._accounts.read_owners(self._sessions.unknown.claims()))
        await self._recheck(self._sessions.user_ids())

    def bear_outage(self, lag: float) -> None:
        """Nobody can tell what was revoked in the last `lag` seconds: cut everybody, where that is wanted.

        This is told only after an attempt to find out. A process that was stopped and goes on asks first.
        """
        if 0 < self._blind_seconds < lag:
            for session in self._sessions:
                session.cut("store-silent")

    def end_expired(self) -> None:
        """Cut the sessions whose app password or grace has run out."""
        for session in self._sessions.ending_before(datetime.now(UTC)):
            session.cut("expired")

    async def _adopt_by(self, user_ids: Collection[int]) -> None:
        """Hold the sessions of unknown users against these users, whatever was changed of them: the name that
        passed may be theirs from now on, or one that the backend takes for theirs."""
        concerned = list(user_ids)
        for begin in range(0, len(concerned), _AT_ONCE):
            accounts = await self._accounts.read_many(concerned[begin : begin + _AT_ONCE])
            for account in accounts.values():
                self._adopt(account.user)

    def _adopt(self, user: User) -> None:
        """Who passed before the store knew them is held by the rules of the user that they are now."""
        for session in self._sessions.unknown.of(user):
            self._sessions.adopt(session, user.id, user.login)
        for session in self._sessions.unknown.looking_like(user):
            session.cut(Why.LOOKALIKE.slug)

    async def _recheck(self, user_ids: Iterable[int]) -> None:
        """Judge the sessions of these users again. Many are read at once: a sync may have changed thousands,
        and who is revoked right after it waits for them."""
        concerned = [user_id for user_id in user_ids if self._sessions.is_in(user_id)]
        for begin in range(0, len(concerned), _AT_ONCE):
            some = concerned[begin : begin + _AT_ONCE]
            accounts = await self._accounts.read_many(some)
            for user_id in some:
                self._hold_to(user_id, accounts.get(user_id))

    def _hold_to(self, user_id: int, account: Account | None) -> None:
        for session in self._sessions.of_user(user_id):
            if (reason := self._objection(session, account)) is not None:
                session.cut(reason)

    def _objection(self, session: LiveSession, account: Account | None) -> str | None:
        if account is None:
            return Why.UNKNOWN_USER.slug  # the next user of that name is another one
        verdict = self._gatekeeper.judge_again(
            account, session.app_password_id, session.login, session.protocol, session.address
        )
        if isinstance(verdict, Refuse):
            return verdict.why.slug
        if session.protocol == "ldap" and account.user.dn != session.dn:
            return "entry-changed"  # it acts at the directory under a name that may be another's by now
        admitted = session.app_password_id is not None
        self._sessions.end_at(session, verdict.until)
        return None if isinstance(verdict, Admit if admitted else PassThrough) else "revoked"
