"""The gatekeeper: the only judge. It finds out what the judgement needs, and fails closed where it can't."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from config import LoginNames, ProtocolName
from gateway.accounts import Accounts
from gateway.connection import Address
from gateway.directory_names import DirectoryNames, is_dn
from gateway.feed import Feed
from gateway.judgement import Admit, Circumstances, PassThrough, Refuse, Verdict, Why, judge
from gateway.log import log
from gateway.reported_identity import entry_of, is_judged
from gateway.rules import Rulebook
from gateway.throttle import Held, Throttle
from gateway.unknown_names import UnknownNames
from gateway.verified import VerifiedLogins
from protocols.dialogue import Credentials
from store.database import StoreUnavailable
from store.directory import DirectoryUnavailable
from store.distinguished_name import normalise_dn
from store.hashing import UnusableHash
from store.hashing_threads import Overloaded
from store.lookalikes import Claim
from store.model import Account, AppPassword
from store.names import normalise_login
from store.secret import app_password_shape

MAX_PASSWORD = 1024  # bytes; longer ones are refused before anything is computed over them
_MAX_NAME = 1024  # bytes, of a DN; what can be a login name is bounded further where it is read
_CONTROLS = bytes([*range(32), 127])


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to log in. `port` is the client's, `started` is in the event loop's time."""

    credentials: Credentials
    protocol: ProtocolName
    listener: str
    address: Address
    port: int
    tls: str
    client: str
    started: float


@dataclass(frozen=True, slots=True)
class _Named:
    """Who tries to log in: the name as presented, the one that rules go by, and how to find the account.

    Without `find` no user has the name, and it is never passed on. `dn` is the normalised DN that was
    presented, if it was one.
    """

    presented: str
    name: str
    find: Callable[[], Awaitable[Account | None]] | None
    dn: str = ""


class Gatekeeper:
    """Judges attempts, and live sessions again when something changed."""

    __slots__ = (
        "_accounts",
        "_directory_names",
        "_feed",
        "_login_names",
        "_rulebook",
        "_throttle",
        "_unknown_names",
        "_verified",
    )

    def __init__(
        self,
        login_names: LoginNames,
        rulebook: Rulebook,
        accounts: Accounts,
        verified: VerifiedLogins,
        feed: Feed,
        directory_names: DirectoryNames,
        throttle: Throttle,
        unknown_names: UnknownNames,
    ) -> None:
        self._login_names = login_names
        self._rulebook = rulebook
        self._accounts = accounts
        self._verified = verified
        self._feed = feed
        self._directory_names = directory_names
        self._throttle = throttle
        self._unknown_names = unknown_names

    async def judge(self, attempt: Attempt) -> Verdict:
        """The verdict. Whatever keeps us from deciding refuses for the moment, and never admits."""
        try:
            return await self._judge(attempt)
        except Overloaded:
            return Refuse(Why.HASHING_OVERLOADED)
        except DirectoryUnavailable as error:
            log.error("could not decide on a login", error=str(error))
            return Refuse(Why.DIRECTORY_UNAVAILABLE)
        except (StoreUnavailable, UnusableHash) as error:
            log.error("could not decide on a login", error=str(error))
            return Refuse(Why.STORE_UNAVAILABLE)

    def login_name(self, presented: bytes) -> str | None:
        """The one form of a login name, however the client writes it; None for what can be no name."""
        names = self._login_names
        return normalise_login(presented, names.default_domain, names.domains, names.recipient_delimiter)

    async def _judge(self, attempt: Attempt) -> Verdict:
        presented = attempt.credentials
        if not _well_formed(presented):
            return Refuse(Why.MALFORMED)
        if not self._feed.is_fresh():
            return Refuse(Why.FEED_SILENT)
        if attempt.protocol == "ldap" and is_dn(presented.username):
            named = await self._whose_entry(attempt)
        else:
            named = self._named(presented.username)
        if named is None or isinstance(named, Refuse):
            return named or Refuse(Why.MALFORMED)
        if named.find is None:
            return await self._throttled(Refuse(Why.UNKNOWN_USER), named, None, attempt)
        account, found = await self._identify(named.find, app_password_shape(presented.password))
        verdict = self._decide(account, found, named.name, attempt.protocol, attempt.address)
        if account is None and isinstance(verdict, PassThrough):
            verdict = await self._unknown(verdict, named, presented.username)
        # Nobody guesses an app password: whatever strangers do, it lets its user in.
        return verdict if found is not None else await self._throttled(verdict, named, account, attempt)

    async def _unknown(self, verdict: PassThrough, named: _Named, presented: bytes) -> Verdict:
        """The same for a name that the store doesn't know, unless a backend may mean a known user by it."""
        objection = self._unknown_names.objection(b"" if named.dn else presented, named.name)
        if objection is None and await self._accounts.owners(_claim(named.name, named.dn)):
            objection = Why.LOOKALIKE
        return Refuse(objection) if objection is not None else verdict

    async def _throttled(
        self, verdict: Verdict, named: _Named, account: Account | None, attempt: Attempt
    ) -> Verdict:
        """The verdict on what may be a guess. All names are treated alike, those that nobody has too."""
        user, version = (account.user.login, account.user.version) if account else (named.name, 0)
        secret = attempt.credentials.password
        guess = self._throttle.guess(named.presented, user, version, attempt.address, secret)
        if guess is not None:
            taken = await self._throttle.take(guess)
            if isinstance(taken, Held):
                return _held(taken, verdict, account)
            guess = taken
        if isinstance(verdict, PassThrough):
            if account is not None:
                return replace(verdict, guess=guess)
            return replace(verdict, name=named.name, dn=named.dn, guess=guess)
        return replace(verdict, guess=guess) if isinstance(verdict, Refuse) else verdict

    def _named(self, presented: bytes) -> _Named | None:
        name = None if self._unknown_names.is_master_login(presented) else self.login_name(presented)
        return _Named(name, name, partial(self._accounts.find, name)) if name is not None else None

    async def _whose_entry(self, attempt: Attempt) -> _Named | Refuse | None:
        """The user whose entry in the directory has this DN. What is nobody's is never passed on: a directory
        knows many spellings of one DN, and somebody who may not pass would find one that isn't known here."""
        dn = normalise_dn(attempt.credentials.username)
        if dn is None:
            return None
        account = await self._accounts.find_by_dn(dn)
        if account is not None:
            return _Named(dn, account.user.login, partial(self._accounts.find_by_dn, dn))
        name = await self._login_of(dn, attempt)
        if isinstance(name, Refuse):
            return name
        if name is None:
            return _Named(dn, dn, None)
        return _Named(dn, name, partial(self._accounts.find, name), dn)

    async def _login_of(self, dn: str, attempt: Attempt) -> str | Refuse | None:
        """The login of the entry with that DN. What can't be an app password is a guess, and has to have a
        place before the directory is asked; afterwards it's judged by the user that was found."""
        names, accounts = self._directory_names, self._accounts
        if names.is_nobodys(dn, accounts.changes_heard):
            await self._feed.catch_up()  # a user may have got this DN, or login, a moment ago
        secret, guess = attempt.credentials.password, None
        if app_password_shape(secret) is None and names.must_be_asked(dn, accounts.changes_heard):
            guess = self._throttle.guess(dn, dn, 0, attempt.address, secret)
        if guess is None:
            return await names.login(dn, accounts.changes_heard)
        taken = await self._throttle.take(guess)
        if (
            isinstance(taken, Held) and taken is not Held.WRONG
        ):  # no user had it then, and one may have it now
            return _held(taken, Refuse(Why.UNKNOWN_USER), None)
        try:
            return await names.login(dn, accounts.changes_heard)
        finally:
            if not isinstance(taken, Held):
                self._throttle.give_back(taken)

    async def _identify(
        self, find: Callable[[], Awaitable[Account | None]], secret: str | None
    ) -> tuple[Account | None, AppPassword | None]:
        """The account, and its app password that `secret` is."""
        account = await find()
        if account is None or secret is None:
            return account, None
        found = await self._verified.find(account, secret)
        if found is None and self._verified.candidate(account, secret) is None:
            # It may have been created a moment ago, and be unknown to what is remembered.
            await self._feed.catch_up()
            newer = await find()
            if newer is not account:
                account, found = newer, await self._verified.find(newer, secret) if newer else None
        return account, found

    def is_outdated(self, verdict: Admit | PassThrough) -> bool:
        """Whether something happened since the verdict that could have made it another one."""
        if not self._feed.is_fresh():
            return True
        return verdict.account is not None and not self._accounts.is_current(verdict.account)

    async def objection(self, verdict: Admit | PassThrough, reported: bytes | None) -> Why | None:
        """Why a user is not let in although the backend has said yes, asked once the session is entered.

        `reported` is what the backend says of who that is. Of an unknown user, this tells of all changes from
        before the answer; a later one finds the session among the live ones.
        """
        try:
            if reported is not None and not await self._is_judged(reported, verdict):
                return Why.BACKEND_KNOWS_ANOTHER
            if verdict.account is not None:
                return None
            assert isinstance(verdict, PassThrough), "only a known user is admitted"
            known = await self._accounts.owners(_claim(verdict.name, verdict.dn, entry_of(reported)))
        except DirectoryUnavailable as error:
            log.error("could not decide on a login", error=str(error))
            return Why.DIRECTORY_UNAVAILABLE
        except StoreUnavailable as error:
            log.error("could not decide on a login", error=str(error))
            return Why.STORE_UNAVAILABLE
        return Why.CHANGED_MEANWHILE if known else None

    async def _is_judged(self, reported: bytes, verdict: Admit | PassThrough) -> bool:
        return await is_judged(reported, verdict, self._accounts, self._directory_names, self.login_name)

    def judge_again(
        self,
        account: Account | None,
        app_password_id: str | None,
        name: str,
        protocol: ProtocolName,
        address: Address,
    ) -> Verdict:
        """What the judgement would be now for a session that was let in before."""
        found = None
        if account is not None and app_password_id is not None:
            found = next((one for one in account.app_passwords if one.id == app_password_id), None)
            if found is None:
                return Refuse(Why.DELETED)
        return self._decide(account, found, name, protocol, address)

    def _decide(
        self,
        account: Account | None,
        found: AppPassword | None,
        name: str,
        protocol: ProtocolName,
        address: Address,
    ) -> Verdict:
        login = account.user.login if account is not None else name
        rules = self._rulebook.rules(login, protocol)
        return judge(account, found, Circumstances(protocol, address, datetime.now(UTC)), rules)


def _claim(name: str, *dns: str) -> Claim:
    return Claim(name, tuple(dn for dn in dns if dn))


def _held(held: Held, verdict: Verdict, account: Account | None) -> Refuse:
    """The verdict on a guess that may not be made."""
    if held is Held.WRONG:
        return verdict if isinstance(verdict, Refuse) else Refuse(Why.BACKEND_REFUSED, account)
    many = held is Held.TOO_MANY
    return Refuse(Why.TOO_MANY_FAILURES if many else Why.BACKEND_UNAVAILABLE, account)


def _well_formed(presented: Credentials) -> bool:
    """Control characters in a decoded name or password are an attack on the next parser, nothing else."""
    name, password = presented.username, presented.password
    return (
        0 < len(name) <= _MAX_NAME
        and 0 < len(password) <= MAX_PASSWORD
        and len(name.translate(None, _CONTROLS)) == len(name)
        and len(password.translate(None, _CONTROLS)) == len(password)
    )
