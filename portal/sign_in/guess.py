"""A guess at a main password, and whether it may be made.

Too many wrong ones from a source, for a name from a source, or for a user stop that source or all strangers,
and never the browsers that the user was signed in before. Unknown names count as known ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from portal.sign_in.known_browser import known_browser
from portal.visit import Visit
from store.model import User
from store.portal import guesses
from store.portal.guesses import Budget

_SHORT, LONG = timedelta(minutes=10), timedelta(days=1)
# The same numbers as at the mail door.
_PER_USER_AND_SOURCE, _PER_SOURCE, _PER_USER, _PER_SITE = 10, 20, 100, 200


@dataclass(frozen=True, slots=True)
class Guess:
    """`mine` is the budget that the user alone uses up, where the right password comes from there."""

    visit: Visit
    mine: Budget
    others: Sequence[Budget]

    def may_be_made(self) -> bool:
        """Whether nothing speaks against it. It counts as wrong until something else is said."""
        return guesses.take(self.visit.state.database, self.visit.state.key, (self.mine, *self.others))

    def undecided(self) -> None:
        """Nobody could say whether it was right."""
        guesses.withdraw(self.visit.state.database, self.visit.state.key, (self.mine, *self.others))

    def right(self) -> None:
        """It was the user."""
        guesses.withdraw(self.visit.state.database, self.visit.state.key, self.others)
        guesses.forgive(self.visit.state.database, self.visit.state.key, self.mine)


def guess_of(visit: Visit, name: str, user: User | None) -> Guess:
    """By `name`, normalised, whoever that is.

    With the user's version in their names, any change of the user begins all budgets of that user anew, as at
    the mail door. So a help desk unlocks somebody, whatever browser or address the guesses came from.
    """
    version = user.version if user is not None else 0
    browser = known_browser(visit.request, visit.state.key, user.id) if user is not None else None
    if browser is not None and user is not None:
        whose = f"{browser} {user.id} {version}"
        mine = Budget(f"browser {whose}", _PER_USER_AND_SOURCE, _SHORT)
        return Guess(visit, mine, (Budget(f"browser all day {whose}", _PER_USER, LONG),))
    source = source_of(visit.address)
    others = [
        Budget(f"user {version} {user.login if user is not None else name}", _PER_USER, LONG),
        Budget(f"source {source}", _PER_SOURCE, _SHORT),
    ]
    if (site := _network(visit.address, 48)) is not None:
        others.append(Budget(f"site {site}", _PER_SITE, _SHORT))
    return Guess(visit, Budget(f"pair {source} {version} {name}", _PER_USER_AND_SOURCE, _SHORT), others)


def source_of(address: str) -> str:
    """Who has one address of an IPv6 /64 has all of them (RFC 4291, section 2.5.4)."""
    return _network(address, 64) or address


def _network(address: str, length: int) -> str | None:
    parsed = ip_address(address)
    return str(IPv6Network((parsed, length), strict=False)) if isinstance(parsed, IPv6Address) else None
