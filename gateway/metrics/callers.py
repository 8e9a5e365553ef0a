"""Who is connected to the address for metrics: so many from each source, and so many in all.

Prometheus and load balancers ask at once. So a caller that hasn't asked yet makes room for a newcomer, the
oldest first, and so does one that has its answer.
"""

from asyncio import StreamWriter
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from store.source import Source, source_of


@dataclass(slots=True)
class _Caller:
    source: Source
    waits: bool = False  # for its answer


class Callers:
    """In the order in which they came."""

    __slots__ = ("_all", "_most", "_most_of_source")

    def __init__(self, most: int, most_of_source: int) -> None:
        self._most = most
        self._most_of_source = most_of_source
        self._all: dict[StreamWriter, _Caller] = {}

    def enter(self, writer: StreamWriter, address: IPv4Address | IPv6Address) -> bool:
        """False when there is no place: all wait for their answers."""
        source = source_of(address)
        mine = [one for one, caller in self._all.items() if caller.source == source]
        if len(mine) >= self._most_of_source and not self._send_away(mine):
            return False
        if len(self._all) >= self._most and not self._send_away(list(self._all)):
            return False
        self._all[writer] = _Caller(source)
        return True

    def set_waiting(self, writer: StreamWriter, *, waits: bool) -> None:
        """Whether it waits for its answer now."""
        if writer in self._all:
            self._all[writer].waits = waits

    def leave(self, writer: StreamWriter) -> None:
        """It's gone. May be called again."""
        self._all.pop(writer, None)

    def abort_all(self) -> None:
        """No caller is answered any more."""
        for writer in list(self._all):
            writer.transport.abort()

    def _send_away(self, writers: list[StreamWriter]) -> bool:
        for writer in writers:
            if not self._all[writer].waits:
                self.leave(writer)
                writer.transport.abort()
                return True
        return False
