"""What the recording backend says in each protocol when it isn't told otherwise."""

from asyncio import StreamReader
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tests.servers.script import Reply

if TYPE_CHECKING:
    from tests.servers.recorded import Recorded


@dataclass(frozen=True, slots=True)
class Command:
    """The tag, the verb in capitals, the arguments without quotes, and the octets as they came."""

    tag: bytes
    verb: str
    arguments: tuple[bytes, ...]
    octets: bytes


@dataclass(frozen=True, slots=True)
class Login:
    """Credentials as they arrived; `acts_as` is the authzid, empty where the protocol has none."""

    login: str
    password: str
    acts_as: str = ""


class Speech(Protocol):
    """`offer` is what it offers before a login, in the protocol's own words."""

    offer: str

    def greeting(self, connection: "Recorded") -> bytes: ...

    async def read(self, reader: StreamReader, connection: "Recorded") -> Command | None:
        """The next command, or None at the end of the connection."""

    async def usual(self, command: Command, connection: "Recorded") -> Reply: ...
