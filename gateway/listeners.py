"""All listeners, and the sessions that they started."""

import asyncio
import resource

from config import Listener as ListenerSettings
from config import Settings
from gateway.connection import Connection
from gateway.house import House
from gateway.inherited import HandedOver
from gateway.listener import Listener
from gateway.log import log
from gateway.session import Session

_FILES_BESIDES_SESSIONS = 100
_SECONDS_FOR_STRANGERS = 5.0
_IDLE_SECONDS = 0.25


class Listeners:
    """Opens the doors, counts who is in, and closes up."""

    __slots__ = ("_drain_seconds", "_house", "_listeners", "_most", "_nobody_in", "_sessions")

    def __init__(self, settings: Settings, house: House, handed_over: HandedOver) -> None:
        self._house = house
        self._most = _most_sessions(settings.limits.sessions)
        self._drain_seconds = settings.limits.drain_seconds
        self._sessions: set[Session] = set()
        self._nobody_in = asyncio.Event()
        self._nobody_in.set()
        self._listeners: list[Listener] = []
        try:
            for one in settings.listener:
                self._listeners.append(
                    Listener(one, house.poller, house.loop, self._on_client, handed_over, house.lines)
                )
            handed_over.warn_of_the_rest()
        except BaseException:
            self._stop_listening()
            raise

    def start(self) -> None:
        for listener in self._listeners:
            listener.start()

    def neglected(self) -> list[str]:
        """The listeners where clients have been waiting for nothing since this was asked before."""
        return [listener.label for listener in self._listeners if listener.neglects()]

    async def drain(self, hurry: asyncio.Event) -> None:
        """Accept nobody, and let those who are in go on for a while, or until `hurry`.

        Clients that haven't logged in have less time: they can do so elsewhere as well. Where it can be told
        that nothing is half done (SMTP between messages, LDAP with all answered), a session ends right then.
        The others are told goodbye in the end.
        """
        self._stop_listening()
        log.info("draining", sessions=len(self._house.sessions), seconds=self._drain_seconds)
        ends_idle = self._house.loop.create_task(self._end_idle())
        waits = [asyncio.ensure_future(event.wait()) for event in (self._nobody_in, hurry)]
        for_strangers = min(_SECONDS_FOR_STRANGERS, self._drain_seconds)
        done, _ = await asyncio.wait(waits, timeout=for_strangers, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            self._house.strangers.end_politely()
            rest = self._drain_seconds - for_strangers
            await asyncio.wait(waits, timeout=rest, return_when=asyncio.FIRST_COMPLETED)
        for wait in (*waits, ends_idle):
            wait.cancel()
        for session in list(self._sessions):
            session.end_politely()

    async def close(self) -> None:
        """Accept nobody, and end who is in."""
        self._stop_listening()
        for session in list(self._sessions):
            session.abandon()
        await self._nobody_in.wait()

    async def _end_idle(self) -> None:
        """Look again and again: what ends a message is known to nobody but the client and the backend."""
        while True:
            for session in list(self._sessions):
                session.end_if_idle()
            await asyncio.sleep(_IDLE_SECONDS)

    def _stop_listening(self) -> None:
        for listener in self._listeners:
            listener.close()

    def _on_client(self, client: Connection, settings: ListenerSettings) -> None:
        self._house.tally.connections[settings.label] += 1
        if len(self._sessions) >= self._most and not self._house.strangers.cut_oldest("made room"):
            client.close()
            return
        session = Session(client, settings, self._house, self._on_end)
        self._sessions.add(session)
        self._nobody_in.clear()
        session.start()

    def _on_end(self, session: Session) -> None:
        self._sessions.discard(session)
        if not self._sessions:
            self._nobody_in.set()


def _most_sessions(wanted: int) -> int:
    """As many as the limit of open files bears: a session has two."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    possible = max(1, (hard - _FILES_BESIDES_SESSIONS) // 2)
    if possible < wanted:
        log.warning("fewer sessions than configured: raise LimitNOFILE", configured=wanted, possible=possible)
    return min(wanted, possible)
