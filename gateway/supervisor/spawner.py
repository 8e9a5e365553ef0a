"""Starts processes for Twisted's `ProcessMonitor`, with files of theirs, and tells of their begin and end."""

from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet import protocol
from twisted.internet.interfaces import IReactorProcess, IReactorTime
from twisted.python.failure import Failure
from zope.interface import implementer

from gateway.log import log
from gateway.supervisor.provision import Provision

OnStart = Callable[[str, Any], None]
OnEnd = Callable[[str, int | None, int | None], None]


@implementer(IReactorProcess, IReactorTime)
class Spawner:
    """What `ProcessMonitor` takes for the reactor. It hands over sockets, which the monitor knows nothing of.

    `provisions` are by the monitor's names of processes. `on_start` gets the name and Twisted's transport;
    `on_end` the name and the exit code, or the signal that ended it.
    """

    __slots__ = ("_on_end", "_on_start", "_provisions", "_reactor", "callLater", "getDelayedCalls", "seconds")

    def __init__(
        self, reactor: Any, provisions: Mapping[str, Provision], on_start: OnStart, on_end: OnEnd
    ) -> None:
        self._reactor = reactor
        self._provisions = provisions
        self._on_start = on_start
        self._on_end = on_end
        self.seconds = reactor.seconds
        self.callLater = reactor.callLater
        self.getDelayedCalls = reactor.getDelayedCalls

    def spawnProcess(self, monitored: Any, executable: str, args: list[str], **options: Any) -> Any:  # noqa: N802
        provision = self._provisions[monitored.name]
        watched = _Watched(monitored, provision.said, self._on_start, self._on_end)
        try:
            return self._reactor.spawnProcess(watched, executable, args, childFDs=provision.files, **options)
        except OSError as error:
            log.error("worker can't be started; it is tried again", error=error.strerror)
            raise


class _Watched(protocol.ProcessProtocol):  # type: ignore[misc]
    """Passes on to the monitor what it has to know of its process."""

    def __init__(self, monitored: Any, said: bytes, on_start: OnStart, on_end: OnEnd) -> None:
        self._monitored = monitored
        self._said = said
        self._on_start = on_start
        self._on_end = on_end

    def connectionMade(self) -> None:  # noqa: N802
        self._monitored.makeConnection(self.transport)
        self._on_start(self._monitored.name, self.transport)
        self.transport.writeToChild(0, self._said)

    def processEnded(self, reason: Failure) -> None:  # noqa: N802
        self._monitored.processEnded(reason)
        self._on_end(self._monitored.name, reason.value.exitCode, reason.value.signal)
