"""The main password of sites without a directory, checked against the store."""

from dataclasses import dataclass

from portal.state import CannotCheck
from store.database import Database
from store.hashing import Argon2, UnusableHash
from store.model import User
from store.portal import local_passwords


@dataclass(frozen=True, slots=True)
class ByStore:
    """`wicketgate user set-password` sets them."""

    database: Database
    argon2: Argon2

    def are_right(self, name: str, user: User | None, password: str) -> bool:
        """Whether it's the one that was set. Raises CannotCheck."""
        user_id = user.id if user is not None else None
        try:
            return local_passwords.is_right(self.database, self.argon2, user_id, password)
        except UnusableHash:
            raise CannotCheck(f"the main password of {name} is stored in a form that can't be read") from None
