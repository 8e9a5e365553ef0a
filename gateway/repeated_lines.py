"""The lines in the log that strangers cause: the first ones of each source, then how many more there were.

Else a single client fills the journal, which then drops lines of the whole unit (journald.conf(5),
RateLimitBurst=). Who is let in and who is cut off for being revoked always has a line, and none of that is
asked here.
"""

import asyncio
from dataclasses import dataclass

from gateway.connection import Address
from gateway.log import log
from store.source import Source, shown_source, source_of

_SECONDS = 10.0
_MOST_SOURCES = 4096
_MOST_IN_ALL = 2000  # in that time, beside the first line of each source
_OTHERS = "others"


@dataclass(slots=True)
class _Repeated:
    """Since when, and how many lines were written and left out. `kind` and `name` say of what."""

    kind: str
    name: str
    begun: float
    written: int = 0
    left_out: int = 0


class RepeatedLines:
    """Says whether one more line may be written, and writes later how many there were besides.

    `most` lines in ten seconds for each source, and for each backend; 0 means any number.
    """

    __slots__ = ("_begun", "_known", "_loop", "_most", "_written")

    def __init__(self, loop: asyncio.AbstractEventLoop, most: int) -> None:
        self._loop = loop
        self._most = most
        self._known: dict[Source | str, _Repeated] = {}  # in the order in which they began
        self._begun = loop.time()
        self._written = 0

    def of_source(self, address: Address) -> bool:
        """For what a client from there does."""
        if not self._most:
            return True
        source = source_of(address)
        known = self._known.get(source)
        if known is None:
            if len(self._known) < _MOST_SOURCES:
                known = self._begin(source, "source", shown_source(source))
            else:
                known = self._known.get(_OTHERS) or self._begin(_OTHERS, "source", _OTHERS)
        return self._one_more(known)

    def of_backend(self, protocol: str) -> bool:
        """For what goes wrong with it, which any login may cause."""
        if not self._most:
            return True
        return self._one_more(self._known.get(protocol) or self._begin(protocol, "backend", protocol))

    def look(self) -> None:
        """Write how many were left out where ten seconds are over. To be called every second."""
        self._sum_up(self._loop.time() - _SECONDS)

    def close(self) -> None:
        """Write that of all."""
        self._sum_up(self._loop.time())

    def _begin(self, key: Source | str, kind: str, name: str) -> _Repeated:
        begun = _Repeated(kind, name, self._loop.time())
        self._known[key] = begun
        return begun

    def _one_more(self, known: _Repeated) -> bool:
        now = self._loop.time()
        if now - self._begun >= _SECONDS:
            self._begun, self._written = now, 0
        if known.written and (known.written >= self._most or self._written >= _MOST_IN_ALL):
            known.left_out += 1
            return False
        self._written += bool(known.written)
        known.written += 1
        return True

    def _sum_up(self, before: float) -> None:
        while (oldest := next(iter(self._known), None)) is not None and self._known[oldest].begun <= before:
            over = self._known.pop(oldest)
            if over.left_out:
                seconds = round(self._loop.time() - over.begun)
                log.info(
                    "lines left out", **{over.kind: over.name}, lines=over.left_out, seconds=max(1, seconds)
                )
