"""What a front offers to its clients, and what a back has to do at its backend."""

from dataclasses import dataclass, field
from enum import Enum

from protocols.dialogue import Credentials


class Anonymous(Enum):
    """What an LDAP client may do that has not bound."""

    NONE = "none"
    ROOT_DSE = "root-dse"
    BIND = "bind"
    PASS = "pass"  # noqa: S105


@dataclass(frozen=True, slots=True)
class DirectoryTerms:
    """What LDAP's front has to know besides.

    `proxied`: the directory runs an admitted user's operations in that user's name (RFC 4370); else these may
    only be `operations`, by their names in RFC 4511 in lower case. `password_attributes`, in lower case, are
    what no admitted user may write.
    """

    anonymous: Anonymous = Anonymous.ROOT_DSE
    proxied: bool = True
    operations: frozenset[str] = frozenset(("search", "compare"))
    password_attributes: frozenset[bytes] = frozenset((b"userpassword",))


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
    directory: DirectoryTerms = field(default_factory=DirectoryTerms)


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
    `ask_who`: where the protocol can, ask the backend which user it has logged in.
    """

    credentials: Credentials | None
    login: bytes = b""
    starttls: bool = False
    client: Client | None = None
    trusted: frozenset[bytes] = frozenset()
    ask_who: bool = False
