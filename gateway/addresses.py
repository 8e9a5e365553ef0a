"""Where a backend can be reached: its addresses in order, looked up, those that failed just now last."""

import asyncio
import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address

from config import Address

_REMEMBERED = 60.0  # seconds that a look-up is believed
_AVOIDED = 5.0  # seconds that an address comes last after it failed


@dataclass(frozen=True, slots=True)
class Destination:
    """One way to the backend: `host` as configured, and the IP address to connect to."""

    family: int
    host: str
    ip: str
    port: int


@dataclass(slots=True)
class Record:
    """How the tries of one address went, whatever IP addresses it had."""

    address: str
    tries: int = 0
    failures: int = 0
    up: bool = True


class Addresses:
    """The destinations of one backend."""

    __slots__ = ("_addresses", "_failed_at", "_known", "_looked_up_at", "_loop", "_records")

    def __init__(self, addresses: tuple[Address, ...], loop: asyncio.AbstractEventLoop) -> None:
        self._addresses = addresses
        self._loop = loop
        self._known: list[Destination] = []
        self._looked_up_at = float("-inf")
        self._failed_at: dict[Destination, float] = {}
        self._records: dict[tuple[str, int], Record] = {}

    async def in_order(self) -> list[Destination]:
        """What to try, one after the other. Empty when no name could be looked up."""
        if self._loop.time() - self._looked_up_at > _REMEMBERED:
            found = [one for address in self._addresses for one in await self._look_up(address)]
            self._known = found or self._known
            self._looked_up_at = self._loop.time()
        if not self._failed_at:
            return self._known
        limit = self._loop.time() - _AVOIDED
        return sorted(self._known, key=lambda one: self._failed_at.get(one, 0.0) > limit)

    def failed(self, destination: Destination) -> None:
        self._failed_at[destination] = self._loop.time()
        self._note(destination, False)

    def worked(self, destination: Destination) -> None:
        self._failed_at.pop(destination, None)
        self._note(destination, True)

    def records(self) -> Collection[Record]:
        """Of those addresses that were ever tried."""
        return self._records.values()

    def _note(self, destination: Destination, worked: bool) -> None:
        key = destination.host, destination.port
        record = self._records.get(key)
        if record is None:
            record = self._records[key] = Record(str(Address(*key)))
        record.tries += 1
        record.failures += not worked
        record.up = worked

    async def _look_up(self, address: Address) -> list[Destination]:
        try:
            ip = ip_address(address.host)
        except ValueError:
            return await self._ask_resolver(address)
        family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
        return [Destination(family, address.host, address.host, address.port)]

    async def _ask_resolver(self, address: Address) -> list[Destination]:
        try:
            found = await self._loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        except OSError:
            return []
        return [
            Destination(family, address.host, str(peer[0]), address.port) for family, _, _, _, peer in found
        ]
