"""The judgement: who is admitted, passed through, or refused, and why.

One pure function decides for every protocol and every door. It does no I/O: what it needs to know is found
before, and what it decides is carried out after.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from ipaddress import IPv4Address, IPv6Address

from config import ProtocolName
from gateway.rules import Rules
from store.guess import Guess
from store.model import Account, AppPassword, MfaState

OBSERVED = "observed: would be refused"  # the remark on who passes only because a policy observes


class Refusal(StrEnum):
    """The kinds of refusal. All but `UNAVAILABLE` are final."""

    WRONG_CREDENTIAL = "wrong-credential"
    APP_PASSWORD_REQUIRED = "app-password-required"  # noqa: S105
    POLICY = "policy"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


class Why(Enum):
    """The reason of a refusal: its kind, and a sentence for logs, help desks and `explain`."""

    MALFORMED = (
        Refusal.WRONG_CREDENTIAL,
        "the user name or password is empty, too long or has control characters",
    )
    UNKNOWN_USER = Refusal.WRONG_CREDENTIAL, "no such user"
    NOT_IN_UNKNOWN_DOMAINS = (
        Refusal.WRONG_CREDENTIAL,
        "no such user, and unknown users do not pass in this domain (policy.unknown_domains)",
    )
    ODD_NAME = (
        Refusal.WRONG_CREDENTIAL,
        "no such user, and the name has characters with which unknown users do not pass; allowed are ASCII "
        "letters, digits and . _ + -",
    )
    LOOKALIKE = (
        Refusal.WRONG_CREDENTIAL,
        "no such user, and the backend may take the name for that of a known user or of a master user; if it "
        "is another user, add it",
    )
    DELETED = Refusal.WRONG_CREDENTIAL, "this app password was deleted"
    EXPIRED = Refusal.WRONG_CREDENTIAL, "this app password has expired"
    BACKEND_REFUSED = Refusal.WRONG_CREDENTIAL, "the backend refused the main password"
    BACKEND_KNOWS_ANOTHER = (
        Refusal.WRONG_CREDENTIAL,
        "the backend says that this is another user's name; make it a name of that user",
    )
    APP_PASSWORD_REQUIRED = (
        Refusal.APP_PASSWORD_REQUIRED,
        "two-step verification is enforced and no app password matched",
    )
    BLOCKED = Refusal.POLICY, "the user is blocked"
    DISABLED = Refusal.POLICY, "the account is disabled in the directory"
    PROTOCOL_OFF = Refusal.POLICY, "this protocol is switched off for the user"
    APP_PASSWORDS_OFF = Refusal.POLICY, "app passwords are switched off for the user"
    PROTOCOL_OUT_OF_SCOPE = Refusal.POLICY, "this app password is not for this protocol"
    NETWORK_OUT_OF_SCOPE = Refusal.POLICY, "this app password is not for this network"
    TOO_MANY_FAILURES = Refusal.THROTTLED, "too many logins of this user, or from this address, have failed"
    TOO_MANY_SESSIONS = Refusal.THROTTLED, "the user has too many sessions"
    STORE_UNAVAILABLE = Refusal.UNAVAILABLE, "the store cannot be read"
    FEED_SILENT = Refusal.UNAVAILABLE, "the change feed has been silent for longer than the lease"
    HASHING_OVERLOADED = Refusal.UNAVAILABLE, "too many logins wait for their password to be hashed"
    DIRECTORY_UNAVAILABLE = Refusal.UNAVAILABLE, "the directory can't say which user this is"
    BACKEND_UNAVAILABLE = Refusal.UNAVAILABLE, "the backend cannot be reached or understood"
    CHANGED_MEANWHILE = Refusal.UNAVAILABLE, "the user was changed during the login"

    def __init__(self, kind: Refusal, sentence: str) -> None:
        self.kind = kind
        self.sentence = sentence

    @property
    def slug(self) -> str:
        """The reason as logs have it."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and when a login is tried."""

    protocol: ProtocolName
    address: IPv4Address | IPv6Address
    now: datetime


@dataclass(frozen=True, slots=True)
class Admit:
    """Let in: an app password matched. `until` is when that ends by itself."""

    account: Account
    app_password: AppPassword
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PassThrough:
    """Let the backend judge the main password. `remark` says why where that isn't plain.

    `name` is the normalised name of a user that the store doesn't know, and `dn` the normalised DN that was
    presented, if it was one. `guess` counts as a failure if the password is wrong.
    """

    account: Account | None
    until: datetime | None = None
    remark: str = ""
    name: str = ""
    dn: str = ""
    guess: Guess | None = None


@dataclass(frozen=True, slots=True)
class Refuse:
    """Turn away. `account` and `app_password` are those that the attempt named, where there are such.

    `guess` counts as a failure unless it turns out that no password could be judged now.
    """

    why: Why
    account: Account | None = None
    app_password: AppPassword | None = None
    guess: Guess | None = None


Verdict = Admit | PassThrough | Refuse


def judge(account: Account | None, found: AppPassword | None, at: Circumstances, rules: Rules) -> Verdict:
    """Judge a login. `found` is the user's app password that the presented secret matched, if any."""
    if rules.refuse:
        return Refuse(Why.PROTOCOL_OFF, account, found)
    if account is None:
        return PassThrough(None, remark="unknown user") if rules.pass_unknown else Refuse(Why.UNKNOWN_USER)
    if account.user.blocked:
        return Refuse(Why.BLOCKED, account, found)
    if account.user.disabled:
        return Refuse(Why.DISABLED, account, found)
    if found is None:
        return _judge_main_password(account, at, rules)
    # An app password is judged here to the end: none is ever shown to a backend or a directory.
    objection = _objection(found, at, rules)
    return Refuse(objection, account, found) if objection else Admit(account, found, found.expires_at)


def _objection(found: AppPassword, at: Circumstances, rules: Rules) -> Why | None:
    if found.deleted_at is not None:
        return Why.DELETED
    if found.expires_at is not None and found.expires_at <= at.now:
        return Why.EXPIRED
    if at.protocol not in found.scopes:
        return Why.PROTOCOL_OUT_OF_SCOPE
    if found.networks and not any(at.address in network for network in found.networks):
        return Why.NETWORK_OUT_OF_SCOPE
    return Why.APP_PASSWORDS_OFF if rules.app_passwords == "denied" else None


def _judge_main_password(account: Account, at: Circumstances, rules: Rules) -> Verdict:
    user = account.user
    if user.mfa is MfaState.DISABLED:
        return PassThrough(account)
    if user.mfa is MfaState.ENABLED and (user.grace_until is None or at.now < user.grace_until):
        return PassThrough(account, user.grace_until, "not registered yet")
    if any(at.address in network for network in rules.trusted_networks) and not _has_app_password(
        account, at
    ):
        return PassThrough(account, remark="trusted network")
    if rules.observe:
        return PassThrough(account, remark=OBSERVED)
    return Refuse(Why.APP_PASSWORD_REQUIRED, account)


def _has_app_password(account: Account, at: Circumstances) -> bool:
    return any(
        one.deleted_at is None and (one.expires_at is None or at.now < one.expires_at)
        for one in account.app_passwords
    )
