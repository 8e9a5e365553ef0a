"""How a user is and how the directory wants it: what differs, and what to do about it."""

from dataclasses import dataclass, fields
from typing import Literal

from store.model import MfaState, User

Value = str | bool | tuple[str, ...] | None
Kind = Literal["added", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class State:
    """All of a user that a sync may set."""

    login: str
    aliases: tuple[str, ...]
    mfa: MfaState
    disabled: bool
    dn: str | None
    directory_id: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """The login first."""
        return self.login, *self.aliases


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is to be another."""

    key: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done. `user` is None for one to be added; `dn_key` is the new DN normalised."""

    kind: Kind
    user: User | None
    after: State
    dn_key: str | None

    def differences(self) -> tuple[Difference, ...]:
        """What becomes different of a user that is there already."""
        before = state_of(self.user) if self.user is not None else None
        pairs = ((field.name, getattr(before, field.name, None)) for field in fields(State))
        return tuple(
            Difference(name, old, getattr(self.after, name))
            for name, old in pairs
            if before is not None and old != getattr(self.after, name)
        )


def state_of(user: User) -> State:
    """How the user is."""
    return State(user.login, user.aliases, user.mfa, user.disabled, user.dn, user.directory_id)


def merged(now: MfaState, said: MfaState | None) -> MfaState:
    """The MFA state after what the directory says. Who has registered stays so while it says enabled."""
    if said is None or (said is MfaState.ENABLED and now is MfaState.ENFORCED):
        return now
    return said
