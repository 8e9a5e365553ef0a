"""Several gateways that have one store, one Redis and one backend."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.gateway.client import Client
from tests.gateway.people import People
from tests.gateway.throttle.guessing import SETTINGS, THROTTLED, header
from tests.servers.certificates import Authority
from tests.servers.gateway import Gateway
from tests.servers.recorder import Recorder
from tests.servers.redis import RedisServer

_MANY = 12  # connections at one time: Redis has to answer in time, also on a busy machine
_CACHE = """
[cache]
url = "{url}"
key_file = "{folder}/cache-key"
"""


@dataclass(frozen=True, slots=True)
class Nodes:
    """`told` asks the node of that number."""

    gateways: Sequence[Gateway]
    people: People
    backend: Recorder

    async def told(self, node: int, user: str, password: str, source: str) -> bytes:
        """The answer to one login there."""
        client = await Client.connect(self.gateways[node].third, first=header(source))
        await client.line()
        answer = await client.login(user, password)
        client.abort()
        return answer.removeprefix(b"a ")

    async def until_in(self, node: int, user: str, password: str, source: str) -> None:
        """Until the node has heard what lets the user in: a Redis that is slow for once says nothing."""
        async with asyncio.timeout(20):
            while not (answer := await self.told(node, user, password, source)).startswith(b"OK "):
                assert answer == THROTTLED

    async def told_in_turn(self, attempts: Iterable[tuple[str, str, str]]) -> list[bytes]:
        """The answers to (user, password, source), each from another node than the one before."""
        return [
            await self.told(number % len(self.gateways), *attempt) for number, attempt in enumerate(attempts)
        ]

    async def told_at_once(self, attempts: Iterable[tuple[str, str, str]]) -> list[bytes]:
        """The same, many at the same time."""
        places = asyncio.Semaphore(_MANY)

        async def one(number: int, attempt: tuple[str, str, str]) -> bytes:
            async with places:
                return await self.told(number % len(self.gateways), *attempt)

        return await asyncio.gather(*(one(*numbered) for numbered in enumerate(attempts)))

    async def until_they_count_in(self, servers: Sequence[RedisServer]) -> None:
        """Until each node has found its way to Redis, which takes longer for a Cluster than a login waits."""
        for node in range(len(self.gateways)):
            before = _keys(servers)
            async with asyncio.timeout(20):
                for number in itertools.count():
                    await self.told(node, f"nobody{number}@node{node}.test", "x", f"10.9.{node}.{number}")
                    if _keys(servers) > before:
                        break

    def heard(self, user: str) -> list[str]:
        """The passwords of the user that the backend got to hear."""
        logins = [login for connection in self.backend.connections for login in connection.logins]
        return [login.password for login in logins if login.login == user]

    def log(self) -> str:
        return "".join(gateway.log() for gateway in self.gateways)


def _keys(servers: Sequence[RedisServer]) -> int:
    return sum(server.ask("DBSIZE") for server in servers)


@asynccontextmanager
async def open_nodes(folder: Path, authority: Authority, redis: str, count: int = 3) -> AsyncIterator[Nodes]:
    """They serve until the end of the block."""
    # Two words have the same mark in Redis once in 65536 times, and count as one: with this key none here do.
    (folder / "cache-key").write_text("07" * 32 + "\n")
    (folder / "cache-key").chmod(0o600)
    people = People(folder)
    store = f"sqlite:///{folder / 'wicketgate.db'}"
    cache = _CACHE.replace("{url}", redis).replace("{folder}", str(folder))
    async with Recorder() as backend:
        settings = cache + SETTINGS.replace("{port}", str(backend.port))
        gateways = []
        try:
            for number in range(count):
                gateway = Gateway(folder / f"node{number}", settings, authority=authority, store=store)
                shutil.copy(folder / "pepper", gateway.folder / "pepper")
                gateways.append(gateway)
            await asyncio.gather(*(asyncio.to_thread(gateway.start) for gateway in gateways))
            yield Nodes(gateways, people, backend)
        finally:
            await asyncio.gather(*(asyncio.to_thread(gateway.stop) for gateway in gateways))
            people.close()
