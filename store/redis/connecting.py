"""How redis-py is set up: one server, behind Sentinel, or a Cluster. Nothing is connected yet."""

from typing import Any

from redis.asyncio import Connection, ConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool, SentinelManagedConnection
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from config import Address, Cache, CacheAddress, CacheKind, read_secret
from store.redis.bounded_reply import BoundedParser
from store.redis.tls import Encrypted, EncryptedBySentinel, Tls

# The whole answer has to come in time, which is watched by whoever asks; these are for each step. Sentinels
# and nodes of a Cluster are tried one after the other: one that hangs must leave time for the next.
_SERVER_SECONDS = 2.0
_SENTINEL_SECONDS = 0.4
_NODE_SECONDS = 0.5
MOST_AT_ONCE = 32
_MOST_CONNECTIONS = 2 * MOST_AT_ONCE  # some may be closing

Client = Redis | RedisCluster


def unconnected(cache: Cache, address: CacheAddress) -> tuple[Client, Sentinel | None]:
    """The client, and the sentinels that are to be closed with it.

    Raises ConfigurationError when a file can't be used.
    """
    who = _credentials("cache.password_file", cache.username, cache.password_file)
    tls = {"tls": Tls(cache)} if address.tls else {}
    if address.kind is CacheKind.CLUSTER:
        return _cluster(address, who, tls), None
    database = {"db": address.database}
    if address.kind is CacheKind.SENTINEL:
        sentinels = _sentinels(cache, address, tls)
        kind = {"connection_class": EncryptedBySentinel if tls else SentinelManagedConnection}
        pool = SentinelConnectionPool(  # type: ignore[no-untyped-call]
            address.master, sentinels, **kind, **_common(_SERVER_SECONDS), **who, **tls, **database
        )
        return Redis.from_pool(pool), sentinels
    [host] = address.hosts
    return Redis.from_pool(_pool(host, _SERVER_SECONDS, who, tls, database)), None


def _cluster(address: CacheAddress, who: dict[str, Any], tls: dict[str, Any]) -> RedisCluster:
    kind = Encrypted if tls else Connection
    cluster = RedisCluster(
        startup_nodes=[ClusterNode(host.host, host.port) for host in address.hosts],
        require_full_coverage=False,
        # Of several MOVED in a row it would close all connections, also those on which others wait.
        reinitialize_steps=0,
        max_connections=_MOST_CONNECTIONS,
        socket_timeout=_NODE_SECONDS,
        socket_connect_timeout=_NODE_SECONDS,
        protocol=3,
        driver_info=None,
        retry=Retry(NoBackoff(), 0),
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
        **who,
    )
    # Its constructor knows neither, but hands all of this on to each node and each connection.
    more: dict[str, Any] = {"parser_class": BoundedParser, **tls}
    for node in cluster.startup_nodes:
        node.connection_kwargs.update(more)
        node.connection_class = kind
    cluster.connection_kwargs.update(more, connection_class=kind)
    return cluster


def _sentinels(cache: Cache, address: CacheAddress, tls: dict[str, Any]) -> Sentinel:
    who = _credentials("cache.sentinel_password_file", cache.sentinel_username, cache.sentinel_password_file)
    sentinels = Sentinel([])  # type: ignore[no-untyped-call]
    sentinels.sentinels = [
        Redis.from_pool(_pool(host, _SENTINEL_SECONDS, who, tls, {})) for host in address.hosts
    ]
    return sentinels


def _pool(
    host: Address, seconds: float, who: dict[str, Any], tls: dict[str, Any], database: dict[str, int]
) -> ConnectionPool:
    kind = Encrypted if tls else Connection
    where: dict[str, Any] = {"host": host.host, "port": host.port, **database}
    return ConnectionPool(connection_class=kind, **where, **_common(seconds), **who, **tls)


def _common(seconds: float) -> dict[str, Any]:
    return {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "protocol": 3,
        "parser_class": BoundedParser,
        "retry": Retry(NoBackoff(), 0),  # whoever asks has no time for another try
        "max_connections": _MOST_CONNECTIONS,
        "driver_info": None,  # CLIENT SETINFO would be one more right that the ACL user needs
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }


def _credentials(key: str, username: str | None, password_file: Any) -> dict[str, Any]:
    if password_file is None:
        return {}
    password = read_secret(password_file, key).decode("utf-8", "surrogateescape")
    return {"username": username or "default", "password": password}
