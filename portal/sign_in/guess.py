"""A guess at a main password, and whether it may be made: by the same [throttle] as at the mail door.

Too many wrong ones from a source, for a name from a source, or for a user stop that source or all strangers,
and never the browsers that the user was signed in before. Unknown names count as known ones.
"""

from dataclasses import dataclass
from ipaddress import ip_address

from portal.sign_in.known_browser import known_browser
from portal.visit import Visit
from store import guess
from store.guess import Guesses
from store.model import User
from store.portal import guesses

_NO_KEY = b"\0" * 32  # each guess is counted here, the same again too, so nothing is kept of a password


@dataclass(frozen=True, slots=True)
class Guess:
    """`made` is None where nothing is counted."""

    visit: Visit
    made: guess.Guess | None

    def may_be_made(self) -> bool:
        """Whether nothing speaks against it. It counts as wrong until something else is said."""
        state = self.visit.state
        return self.made is None or guesses.take(state.database, state.key, self.made.budgets)

    def undecided(self) -> None:
        """Nobody could say whether it was right."""
        if self.made is not None:
            guesses.withdraw(self.visit.state.database, self.visit.state.key, self.made.budgets)

    def right(self) -> None:
        """It was the user."""
        if self.made is not None:
            guesses.withdraw(self.visit.state.database, self.visit.state.key, self.made.others)
            guesses.forgive(self.visit.state.database, self.visit.state.key, self.made.pair)


def guess_of(visit: Visit, name: str, user: User | None) -> Guess:
    """By `name`, normalised, whoever that is.

    With the user's version in their names, any change of the user begins all budgets of that user anew, as at
    the mail door. So a help desk unlocks somebody, whatever browser or address the guesses came from.
    """
    login, version = (user.login, user.version) if user is not None else (name, 0)
    browser = known_browser(visit.request, visit.state.key, user.id) if user is not None else None
    making = Guesses(visit.state.settings.throttle, _NO_KEY)
    return Guess(visit, making.make(name, login, version, ip_address(visit.address), b"", browser or ""))
