"""Who may be connected: so many from each source, and so many in all.

A newcomer gets a place as long as there is a client that we wait for. Clients that have asked for nothing yet
make room first, the oldest before the others; then those that were answered and are idle. A client that waits
for us stays.
"""

from collections.abc import Callable

from store.source import Source


class Place:
    """A connection's place. `vacate` is called when another client needs it, once; the place is gone then."""

    __slots__ = ("_crowds", "asked", "vacate")

    def __init__(self, crowds: tuple["_Crowd", ...], vacate: Callable[[], None]) -> None:
        self._crowds = crowds
        self.asked = False
        self.vacate = vacate
        for crowd in crowds:
            crowd.count += 1
            crowd.strangers[self] = None

    def serve(self) -> None:
        """A whole request has come: now the client waits for us."""
        self.asked = True
        for crowd in self._crowds:
            crowd.forget(self)

    def wait(self) -> None:
        """We wait for the client: for a request, or to take what it has asked for."""
        for crowd in self._crowds:
            (crowd.idle if self.asked else crowd.strangers).setdefault(self)

    def leave(self) -> None:
        """The connection is over. May be called again."""
        for crowd in self._crowds:
            crowd.forget(self)
            crowd.count -= 1
        self._crowds = ()


class _Crowd:
    """All of one source, or all. Those that we wait for stand in the order in which that began."""

    __slots__ = ("count", "idle", "most", "strangers")

    def __init__(self, most: int) -> None:
        self.most = most
        self.count = 0
        self.strangers: dict[Place, None] = {}
        self.idle: dict[Place, None] = {}

    def forget(self, place: Place) -> None:
        self.strangers.pop(place, None)
        self.idle.pop(place, None)

    def has_room(self) -> bool:
        """Makes it, if need be. False when all wait for us."""
        while self.count >= self.most:
            first = next(iter(self.strangers), None) or next(iter(self.idle), None)
            if first is None:
                return False
            first.leave()
            first.vacate()
        return True


class Places:
    """Of one address on which the portal listens."""

    __slots__ = ("_all", "_most_of_source", "_sources")

    def __init__(self, most: int, most_of_source: int) -> None:
        self._all = _Crowd(most)
        self._most_of_source = most_of_source
        self._sources: dict[Source, _Crowd] = {}

    def enter(self, source: Source | None, vacate: Callable[[], None]) -> Place | None:
        """A stranger's place; None when there is none to be had. Without a source it counts in all alone."""
        if source is None:
            return Place((self._all,), vacate) if self._all.has_room() else None
        crowd = self._sources.get(source) or _Crowd(self._most_of_source)
        if not crowd.has_room() or not self._all.has_room():
            return None
        self._forget_empty(source, crowd)
        return Place((crowd, self._all), vacate)

    def make_room(self) -> None:
        """Send one away, if there is one, since something else than places has run out."""
        first = next(iter(self._all.strangers), None) or next(iter(self._all.idle), None)
        if first is not None:
            first.leave()
            first.vacate()

    def _forget_empty(self, newest: Source, crowd: _Crowd) -> None:
        """A source without clients, before a new one is remembered: so no more are than places."""
        if newest not in self._sources and len(self._sources) >= self._all.most:
            self._sources = {name: one for name, one in self._sources.items() if one.count}
        self._sources[newest] = crowd
