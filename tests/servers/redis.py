"""Debian's Redis on free loopback ports: one server, one behind three sentinels, or a Cluster."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import redis

from tests.servers.certificates import Authority
from tests.servers.ports import free_ports
from tests.servers.unpacked import unpacked

_START_SECONDS = 20
_PROGRAM = "usr/bin/redis-check-rdb"  # the one program of Redis: what it does depends on its name
_ACL = "user default off\nuser admin on >admin ~* &* +@all\n"
_TO_ADMIN = {"username": "admin", "password": "admin", "protocol": 3, "driver_info": None}


class RedisServer:
    """A server, ended by `stop` or at the end of the `with`. Nothing is written to disk but by a sentinel.

    With an `authority` it speaks TLS only. `acl` are lines of users; the default one is off then, and the
    tests ask as admin. `options` are lines of its configuration.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        *options: str,
        authority: Authority | None = None,
        acl: str = "",
        name: str = "redis-server",
    ) -> None:
        self._options = options
        self._authority = authority
        self._acl = acl
        self._name = name
        self._process: subprocess.Popen[bytes] | None = None
        [self.port] = free_ports(1)

    @property
    def scheme(self) -> str:
        return "rediss" if self._authority else "redis"

    def url(self, database: int = 0) -> str:
        return f"{self.scheme}://{'localhost' if self._authority else self.host}:{self.port}/{database}"

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="redis-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        try:
            self._write_configuration()
            self.start()
        except BaseException:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._temporary.cleanup()

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with the end of the log if it doesn't."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._name, self.folder / "redis.conf"],
                executable=unpacked("redis-tools") / _PROGRAM,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.ask("PING")
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"Redis didn't start. The end of its log:\n{self.log()}")

    def stop(self) -> None:
        """As in a crash: whatever it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It is there, takes connections, and says nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def client(self, **options: Any) -> redis.Redis:
        """For an administrator; close it."""
        tls = {"ssl": True, "ssl_ca_certs": str(self._authority.ca_file)} if self._authority else {}
        who = _TO_ADMIN if self._acl else {"protocol": 3, "driver_info": None}
        host = "localhost" if self._authority else self.host
        return redis.Redis(host=host, port=self.port, socket_timeout=10, **tls, **{**who, **options})

    def ask(self, *command: Any) -> Any:
        """The answer to an administrator. Raises redis.RedisError."""
        with self.client() as client:
            return client.execute_command(*command)

    def everything(self) -> dict[bytes, bytes]:
        """All that lies in it, as text or as Redis would dump it."""
        with self.client() as client:
            found = {}
            for key in client.scan_iter(count=1000):
                kind = client.type(key)
                found[key] = client.get(key) if kind == b"string" else client.dump(key)
            return found

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def _write_configuration(self) -> None:
        lines = [f"dir {self.folder}", "bind 127.0.0.1", "protected-mode no", *self._options]
        if self._name == "redis-server":
            lines += ['save ""', "appendonly no", "enable-debug-command yes", "repl-diskless-sync-delay 0"]
        if self._acl:
            (self.folder / "users.acl").write_text(_ACL + self._acl)
            lines.append(f"aclfile {self.folder / 'users.acl'}")
        if self._authority is None:
            lines.append(f"port {self.port}")
        else:
            pair = self._authority.server()
            lines += ["port 0", f"tls-port {self.port}", f"tls-cert-file {pair.certificate}"]
            lines += [f"tls-key-file {pair.key}", f"tls-ca-cert-file {self._authority.ca_file}"]
            lines += ["tls-auth-clients optional", "tls-replication yes", "tls-cluster yes"]
        (self.folder / "redis.conf").write_text("\n".join(lines) + "\n")


class Sentinels:
    """A primary, its replica, and three sentinels that promote the replica."""

    def __init__(self, servers: list[RedisServer], sentinels: list[RedisServer]) -> None:
        self.servers = servers
        self.sentinels = sentinels

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return f"{self.sentinels[0].scheme}+sentinel://{hosts}/mymaster"

    def primary(self) -> RedisServer:
        """The server that the sentinels name."""
        _, port = self.sentinels[0].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster")
        return next(one for one in self.servers if one.port == int(port))

    def until_another_is_primary(self, old: RedisServer) -> RedisServer:
        """Wait until all sentinels name another server, and it takes writes."""
        return _until(lambda: self._agreed_on_other_than(old), self.sentinels[0])

    def _agreed_on_other_than(self, old: RedisServer) -> RedisServer | None:
        ask = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster")
        ports = {int(one.ask(*ask)[1]) for one in self.sentinels}
        if len(ports) != 1 or old.port in ports:
            return None
        found = self.primary()
        return found if found.ask("ROLE")[0] == b"master" else None


@contextmanager
def behind_sentinels(sentinel_acl: str = "", authority: Authority | None = None) -> Iterator[Sentinels]:
    """Two servers and three sentinels that know each other. `sentinel_acl` are users of the sentinels."""
    with ExitStack() as stack:
        primary = stack.enter_context(RedisServer(authority=authority))
        follows = f"replicaof 127.0.0.1 {primary.port}"
        replica = stack.enter_context(RedisServer(follows, authority=authority))
        monitor = (
            f"sentinel monitor mymaster 127.0.0.1 {primary.port} 2",
            "sentinel down-after-milliseconds mymaster 500",
            "sentinel failover-timeout mymaster 2000",
        )
        if sentinel_acl:  # they know each other as admin
            monitor += ("sentinel sentinel-user admin", "sentinel sentinel-pass admin")
        how: dict[str, Any] = {"name": "redis-sentinel", "acl": sentinel_acl, "authority": authority}
        sentinels = [stack.enter_context(RedisServer(*monitor, **how)) for _ in range(3)]
        for one in sentinels:
            _until(lambda one=one: _knows_all(one), one)
        yield Sentinels([primary, replica], sentinels)


def _knows_all(sentinel: RedisServer) -> bool:
    with sentinel.client() as client:
        state = client.sentinel_master("mymaster")
    return state["num-slaves"] == 1 and state["num-other-sentinels"] == 2


@contextmanager
def cluster(nodes: int = 3, acl: str = "", authority: Authority | None = None) -> Iterator[list[RedisServer]]:
    """Primaries that have all slots among them. For `acl` and `authority` see RedisServer."""
    options = ("cluster-enabled yes", "cluster-node-timeout 1000", "cluster-require-full-coverage no")
    with ExitStack() as stack:
        buses = free_ports(nodes)
        how: dict[str, Any] = {"acl": acl, "authority": authority}
        servers = [stack.enter_context(RedisServer(*options, f"cluster-port {bus}", **how)) for bus in buses]
        borders = [16384 * number // nodes for number in range(nodes + 1)]
        for number, server in enumerate(servers, 1):
            server.ask("CLUSTER", "SET-CONFIG-EPOCH", number)
        for server, bus, first, after in zip(servers, buses, borders, borders[1:], strict=False):
            server.ask("CLUSTER", "ADDSLOTSRANGE", first, after - 1)
            servers[0].ask("CLUSTER", "MEET", "127.0.0.1", server.port, bus)
        for server in servers:
            _until(lambda server=server: b"cluster_state:ok" in server.ask("CLUSTER", "INFO"), server)
            _until(lambda server=server: _ports(server) == [one.port for one in servers], server)
        yield servers


def _ports(server: RedisServer) -> list[int]:
    """Whose slots they are, in the order of the slots."""
    return [port for _, _, (_, port, *_) in sorted(server.ask("CLUSTER", "SLOTS"), key=lambda one: one[0])]


def cluster_url(servers: list[RedisServer]) -> str:
    return f"{servers[0].scheme}+cluster://" + ",".join(f"127.0.0.1:{one.port}" for one in servers)


def _until(found: Any, server: RedisServer) -> Any:
    """Another process's state: it can only be asked again and again."""
    deadline = time.monotonic() + _START_SECONDS
    while not (value := found()):
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.02)
    return value
