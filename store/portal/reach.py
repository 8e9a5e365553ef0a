"""Which users a person or a token may change: the one answer for every page, every endpoint and every role.

`user_to_change` raises StoreUnavailable when the store can't decide.
"""

from dataclasses import dataclass
from enum import StrEnum

from store.database import Database
from store.model import Account, User
from store.portal import roles
from store.portal.roles import Held, Role


class Barred(StrEnum):
    """Why a user may not be changed."""

    ABSENT = "absent"  # of other domains, too: for those who don't look after them there are none
    LOOKS_ONLY = "looks only"
    SELF = "self"
    OUTRANKED = "outranked"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a person's role or a token goes.

    `own_id` is the person's user. `acts_for_users`: a program that does what the user's own page does, so no
    rank is above it; but its domains have to hold all that the user may look after.
    """

    held: Held
    own_id: int | None = None
    acts_for_users: bool = False

    def bar(self, user: User, role: Held | None) -> Barred | None:
        """What speaks against changing this user, who has that role; None where nothing does."""
        if not self.held.covers(user.login):
            return Barred.ABSENT
        if self.acts_for_users:
            return Barred.OUTRANKED if role is not None and not self.held.encloses(role) else None
        if not self.held.reaches(Role.HELP_DESK):
            return Barred.LOOKS_ONLY
        if user.id == self.own_id:
            return Barred.SELF
        return None if self.held.may_act_on(role) else Barred.OUTRANKED


def user_to_change(database: Database, reach: Reach, account: Account | None) -> Account | Barred:
    """The user, for whatever is about to be changed; or why nothing may be."""
    if account is None:
        return Barred.ABSENT
    barred = reach.bar(account.user, roles.held(database, account.user.id))
    return account if barred is None else barred
