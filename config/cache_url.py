"""The URL of the cache: in the process, or on one Redis, behind Sentinel, or in a Cluster."""

import re
from dataclasses import dataclass
from enum import StrEnum

from config.address import Address, parse_address

MEMORY = "memory:"
ALLOWED = (
    "allowed are memory:, redis://host:6379/0, redis+sentinel://host1:26379,host2,host3/mymaster and"
    " redis+cluster://host1:6379,host2, and rediss in the place of redis for TLS"
)
_WRITTEN = re.compile(
    r"(?P<tls>rediss?)(?:\+(?P<kind>sentinel|cluster))?://(?P<hosts>[^/?#@]+)(?P<path>/[^?#]*)?"
)
_PATHS = {
    "single": re.compile(r"(?:/(?P<database>[0-9]{1,5})?)?"),
    "sentinel": re.compile(r"/(?P<master>[A-Za-z0-9._-]{1,64})(?:/(?P<database>[0-9]{1,5})?)?"),
    "cluster": re.compile(r"/?"),
}
_PORTS = {"single": 6379, "sentinel": 26379, "cluster": 6379}
_MOST_HOSTS = 16


class CacheKind(StrEnum):
    """How Redis is reached."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class CacheAddress:
    """Where Redis is: `hosts` are the server, the sentinels, or nodes of the cluster.

    `master` is the name that the sentinels have for the servers.
    """

    kind: CacheKind
    tls: bool
    hosts: tuple[Address, ...]
    master: str
    database: int


def parse_cache_url(url: str) -> CacheAddress | None:
    """The address in the URL, None for memory:. Raise ValueError, with a sentence for the administrator."""
    if url == MEMORY:
        return None
    if "@" in url:
        raise ValueError(
            "a name or a password may not stand in the URL; use cache.username and cache.password_file"
        )
    found = _WRITTEN.fullmatch(url)
    if found is None:
        raise ValueError(f"this is not the address of a cache; {ALLOWED}")
    kind = CacheKind(found["kind"] or "single")
    path = _PATHS[kind].fullmatch(found["path"] or "")
    if path is None:
        raise ValueError(_wrong_path(kind))
    parts = path.groupdict()
    hosts = _hosts(found["hosts"], kind)
    return CacheAddress(
        kind, found["tls"] == "rediss", hosts, parts.get("master") or "", int(parts.get("database") or 0)
    )


def _hosts(text: str, kind: CacheKind) -> tuple[Address, ...]:
    written = text.split(",")
    if len(written) > (1 if kind is CacheKind.SINGLE else _MOST_HOSTS):
        raise ValueError(
            "several hosts are for redis+sentinel:// or redis+cluster://, at most 16; write one of these"
        )
    return tuple(_host(one, _PORTS[kind]) for one in written)


def _host(text: str, port: int) -> Address:
    has_port = ":" in text.rpartition("]")[2]
    return parse_address(text if has_port else f"{text}:{port}")


def _wrong_path(kind: CacheKind) -> str:
    if kind is CacheKind.SENTINEL:
        return (
            "behind the hosts has to stand the name that the sentinels have for the servers, as in /mymaster"
        )
    if kind is CacheKind.CLUSTER:
        return "a Cluster has no databases; nothing may stand behind the hosts"
    return "behind the host may stand the number of a database, as in /0"
