"""How redis-py is set up: one server, behind Sentinel, or a Cluster. Nothing is connected yet."""

from typing import Any

from redis.asyncio import Connection, ConnectionPool, Redis, RedisCluster, SSLConnection
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from config import Address, Cache, CacheAddress, CacheKind, read_secret
from store.redis.bounded_reply import BoundedParser

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

    Raises ConfigurationError when a file with a password can't be used.
    """
    who = _credentials("cache.password_file", cache.username, cache.password_file)
    tls = _tls(cache) if address.tls else {}
    if address.kind is CacheKind.CLUSTER:
        return _cluster(address, who, tls), None
    database = {"db": address.database}
    if address.kind is CacheKind.SENTINEL:
        sentinels = _sentinels(cache, address, tls)
        pool = SentinelConnectionPool(  # type: ignore[no-untyped-call]
            address.master, sentinels, ssl=address.tls, **_common(_SERVER_SECONDS), **who, **tls, **database
        )
        return Redis.from_pool(pool), sentinels
    [host] = address.hosts
    return Redis.from_pool(_pool(host, _SERVER_SECONDS, who, tls, database)), None


def _cluster(address: CacheAddress, who: dict[str, Any], tls: dict[str, Any]) -> RedisCluster:
    cluster = RedisCluster(
        startup_nodes=[ClusterNode(host.host, host.port) for host in address.hosts],
        require_full_coverage=False,
        # Of several MOVED in a row it would close all connections, also those on which others wait.
        reinitialize_steps=0,
        ssl=address.tls,
        max_connections=_MOST_CONNECTIONS,
        socket_timeout=_NODE_SECONDS,
        socket_connect_timeout=_NODE_SECONDS,
        protocol=3,
        driver_info=None,
        retry=Retry(NoBackoff(), 0),
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
        **who,
        **tls,
    )
    # Its constructor knows no parser_class, but hands all of this on to each connection.
    for node in cluster.startup_nodes:
        node.connection_kwargs["parser_class"] = BoundedParser
    cluster.connection_kwargs["parser_class"] = BoundedParser
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
    kind = SSLConnection if tls else Connection
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


def _tls(cache: Cache) -> dict[str, Any]:
    """RFC 9325: at least TLS 1.2, and the server's certificate is always verified, with its name."""
    return {
        "ssl_ca_certs": str(cache.ca_file) if cache.ca_file else None,
        "ssl_certfile": str(cache.certificate) if cache.certificate else None,
        "ssl_keyfile": str(cache.key) if cache.key else None,
        "ssl_cert_reqs": "required",
        "ssl_check_hostname": True,
    }
