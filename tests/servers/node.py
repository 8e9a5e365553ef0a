"""One gateway of a cluster, with cables of its own to the servers that all nodes use."""

import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.cables import Cable, Cables
from tests.servers.certificates import Authority
from tests.servers.cluster_config import PROTOCOLS, cache, own_addresses
from tests.servers.directory import SERVICE_PASSWORD
from tests.servers.fault_proxy import Fault, Mode
from tests.servers.gateway import Gateway
from tests.servers.ports import free_ports
from tests.servers.postgresql import PostgreSql
from tests.servers.redis import RedisServer, Sentinels


@dataclass(frozen=True, slots=True)
class Node:
    """One gateway. `cables` lead to the store's servers, `to_redis` to a Redis that isn't behind sentinels.

    `proxied` are its ports behind HAProxy by protocol. At `clear`, IMAP is spoken without TLS; at `health`,
    it says whether it is ready.
    """

    gateway: Gateway
    cables: Sequence[Cable]
    to_redis: Cable | None
    proxied: Mapping[str, int]
    clear: int
    health: int

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Within it, nothing passes between the node and the store, and nobody says so."""
        for cable in self.cables:
            cable.switch(Mode(Fault.STALL))
        try:
            yield
        finally:
            for cable in self.cables:
                cable.mend()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Within it the process stands still."""
        assert self.gateway.process is not None
        self.gateway.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.gateway.process.send_signal(signal.SIGCONT)


@dataclass(frozen=True, slots=True)
class Shared:
    """What all nodes have in common. In `folder` are their secrets, `text` is their configuration."""

    folder: Path
    authority: Authority
    servers: Sequence[PostgreSql]
    redis: RedisServer | Sentinels | None
    database: str
    text: str
    cables: Cables


def new_node(shared: Shared, number: int, environment: Mapping[str, str]) -> Node:
    """It isn't started yet."""
    own = [shared.cables.lay(server.host, server.port) for server in shared.servers]
    to_redis, text = None, shared.text
    if isinstance(shared.redis, RedisServer):
        to_redis = shared.cables.lay(shared.redis.host, shared.redis.port)
        text += cache(f"redis://127.0.0.1:{to_redis.port}/0")
    elif shared.redis is not None:
        text += cache(shared.redis.url)
    names = [name for name in PROTOCOLS if f'protocol = "{name}"' in text]
    clear, health, *ports = free_ports(2 + len(names))
    proxied = dict(zip(names, ports, strict=True))
    text += own_addresses(proxied, clear, health)
    gateway = _gateway(shared, number, text, [cable.port for cable in own], environment)
    return Node(gateway, own, to_redis, proxied, clear, health)


def _gateway(
    shared: Shared, number: int, text: str, store_ports: Sequence[int], environment: Mapping[str, str]
) -> Gateway:
    """With the secrets that it has in common with the others."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in store_ports)
    store = f"postgresql://postgres@{hosts}/{shared.database}?sslmode=disable"
    folder = shared.folder / f"node{number}"
    gateway = Gateway(folder, text, authority=shared.authority, store=store, environment=environment)
    for name in ("pepper", "cache-key"):
        if (shared.folder / name).exists():
            shutil.copy(shared.folder / name, folder / name)
    (folder / "service-password").touch(0o600)
    (folder / "service-password").write_text(SERVICE_PASSWORD)
    return gateway
