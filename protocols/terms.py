"""What a front offers to its clients, and what a back has to do at its backend."""

from dataclasses import dataclass

from protocols.dialogue import Credentials


@dataclass(frozen=True, slots=True)
class FrontTerms:
    """What a listener offers. `tls`: already there; `starttls`: can be had; else logins go in clear.

    `host` is the name by which clients know us. `offered` is what the backend offers before a login, as the
    protocol's `probe` returned it; empty when nobody could ask yet.
    """

    tls: bool = True
    starttls: bool = False
    failed_logins: int = 3
    host: bytes = b"localhost"
    offered: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Client:
    """Who the client is, for a backend that believes what we say. `name` is what it calls itself, or b""."""

    address: bytes
    port: int
    name: bytes = b""


@dataclass(frozen=True, slots=True)
class BackTerms:
    """How to log in at a backend.

    `credentials` is None where the backend takes our word for who the user is: then only `login`, the user's
    name there, is told. `client` is None where the backend isn't to be told. `trusted` are commands, in upper
    case, by which users could become somebody else after the login, and which they are meant to have.
    """

    credentials: Credentials | None
    login: bytes = b""
    starttls: bool = False
    client: Client | None = None
    trusted: frozenset[bytes] = frozenset()
