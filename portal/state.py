"""What all requests share."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

from jinja2 import Environment

from config import Settings
from portal.oidc.provider import Provider
from store.database import Database
from store.hashing import Argon2
from store.model import User
from store.pepper import Pepper
from store.portal.key import PortalKey
from store.portal.sessions import Lifetime


class MainPasswords(Protocol):
    """Who knows the main passwords."""

    def are_right(self, name: str, user: User | None, password: str) -> bool:
        """Whether this is the user's main password. Blocks. Raises `CannotCheck` when nobody can say.

        `user` is None where the store knows nobody by that name; it's asked all the same.
        """


class CannotCheck(Exception):
    """The main password could not be checked for the moment. The message is for the log."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where people find the portal: https://host[:port] and the path below which all pages are."""

    origin: str
    host: str
    path: str


@dataclass(frozen=True, slots=True)
class State:
    """Made once, at the start."""

    settings: Settings
    place: Place
    database: Database
    pepper: Pepper
    argon2: Argon2
    key: PortalKey
    main_passwords: MainPasswords
    templates: Environment
    provider: Provider | None = None

    @property
    def lifetime(self) -> Lifetime:
        portal = self.settings.portal
        return Lifetime(timedelta(minutes=portal.idle_minutes), timedelta(hours=portal.session_hours))

    @property
    def fresh(self) -> timedelta:
        """So long after a second step it isn't asked for again."""
        return timedelta(minutes=self.settings.portal.fresh_minutes)


def place_of(portal_url: str) -> Place:
    """Of policy.portal_url."""
    parts = urlsplit(portal_url)
    return Place(f"{parts.scheme}://{parts.netloc}", parts.netloc.lower(), parts.path.rstrip("/"))
