"""A user with an app password who sends forged messages, and what slapd's log says of them."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from tests.gateway.ldap import ber
from tests.gateway.ldap.forgery import Names, forgery
from tests.gateway.ldap.wire import Wire

# More of them by `make forgeries`.
COUNT, SEED = int(os.environ.get("FORGERIES", "250")), os.environ.get("FORGERY_SEED", "1")
_ON_ONE_CONNECTION = 100  # so that none waits for those that are never answered
FIRST, _BEHIND = 1_000_000, 2_000_000  # message IDs of forgeries, and of what is sent behind them


class Forger:
    """Sends, and comes again when the gateway ends the connection."""

    def __init__(self, open_wire: Callable[[], Wire], name: str, secret: str, base: str) -> None:
        self._open_wire, self._name, self._secret, self._base = open_wire, name, secret, base
        self._wire: Wire | None = None
        self._sent = 0
        self.answered = self.cut = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    def send(self, forged: bytes) -> None:
        """Returns when the gateway has answered what was sent behind it, or has ended the connection."""
        wire = self._entered()
        self._sent += 1
        behind = _BEHIND + self._sent
        with suppress(OSError):  # ended before all was sent
            wire.send(forged + ber.search(behind, self._base, ber.equals("uid", "nobody at all")))
        while (heard := wire.message()) is not None:
            (_, number), *_ = ber.split(ber.split(heard)[0][1])
            if int.from_bytes(number) == behind:
                self.answered += 1
                return
        self.cut += 1
        self._leave()

    def _entered(self) -> Wire:
        if self._sent % _ON_ONE_CONNECTION == 0:
            self._leave()
        if self._wire is None:
            self._wire = self._open_wire()
            assert self._wire.bind(self._name, self._secret)[0] == 0
        return self._wire

    def _leave(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None


def forgeries(names: Names, count: int = COUNT) -> Iterator[tuple[str, bytes]]:
    """So many, each with what it can be made by again."""
    for number in range(count):
        yield f"seed {SEED}, number {number}", forgery(names, f"{SEED}/{number}", FIRST)


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that a directory ran for the service account: in whose name, and what was written."""

    where: str
    what: str
    identities: tuple[str, ...]


def told(what: str, forged: bytes, wrong: Iterable[object]) -> str:
    """How a failure is shown: with it, the same message can be sent again."""
    return "\n".join([f"{what}: {forged.hex()}", *map(str, wrong)])


_LINE = re.compile(r"conn=(\d+) op=(\d+) (\S+)(.*)$")
_RUNS = frozenset(("SRCH", "MOD", "ADD", "DEL", "MODRDN", "CMP", "EXT", "WHOAMI", "PASSMOD", "CANCEL"))


def operations_at_slapd(log: str, service: str) -> Iterator[Operation]:
    """What slapd did on connections where the service account has bound, by its log of stats.

    With what it refused after it had taken on an identity for it.
    """
    bound: set[str] = set()
    ran: dict[tuple[str, str], list[str]] = {}
    identities: dict[tuple[str, str], list[str]] = {}
    for line in log.splitlines():
        if not (found := _LINE.search(line)):
            continue
        connection, number, word, rest = found.groups()
        if word == "BIND" and f'dn="{service}"' in rest:
            bound.add(connection)
        if connection not in bound or (word == "EXT" and ber.START_TLS in rest):
            continue
        if word == "PROXYAUTHZ":
            ran.setdefault((connection, number), [])
            identities.setdefault((connection, number), []).append(rest.partition('"')[2].rstrip('"'))
        elif word in _RUNS:
            ran.setdefault((connection, number), []).append(word + rest)
    for (connection, number), words in ran.items():
        where = f"conn={connection} op={number}"
        yield Operation(where, " ".join(words), tuple(identities.get((connection, number), ())))
