"""Puts the supervisor together, runs it, and takes it apart."""

import asyncio
import os
import resource
import signal
from contextlib import ExitStack
from pathlib import Path

from twisted.internet.process import reapAllProcesses

from config import Settings
from gateway.control import remove_stale
from gateway.inherited import HandedOver, inherited_sockets
from gateway.supervisor.crew import Crew
from gateway.supervisor.doors import Doors
from gateway.supervisor.notices import Notices
from gateway.supervisor.provision import Equipment
from gateway.supervisor.supervisor import Supervisor
from gateway.systemd import Notifier, watchdog_seconds

_WATCHDOG_SECONDS = 30.0  # of the workers, where systemd doesn't say
_LOOKS = 4  # at the workers, in the time that they have for a sign of life


async def supervise(settings: Settings, config_path: Path | None, workers: int | None) -> int:
    """Returns the exit code once it was stopped, or once no worker could begin. Raises `CannotListen`."""
    from twisted.internet import reactor

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what the workers get passes through here
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGCHLD, reapAllProcesses)
    patience = watchdog_seconds(os.environ) or _WATCHDOG_SECONDS
    with ExitStack() as stack:
        notifier = Notifier(os.environ)
        stack.callback(notifier.close)
        doors = Doors(HandedOver(inherited_sockets(os.environ)))
        stack.callback(doors.close)
        crew = Crew(reactor, loop, patience)
        path = settings.control.socket
        remove_stale(path)  # that of a gateway without workers, should there be one
        notices = Notices(path.with_name(f"{path.stem}-notify{path.suffix}"), loop, crew.hear)
        stack.callback(notices.close)
        watch = loop.create_task(_watch(crew, notices, notifier, patience / _LOOKS))
        stack.callback(watch.cancel)
        equipment = Equipment(config_path, workers, notices.path, patience)
        return await Supervisor(crew, doors, notifier, equipment).run(settings)


async def _watch(crew: Crew, notices: Notices, notifier: Notifier, seconds: float) -> None:
    """Look after the workers, and say that we live ourselves."""
    while True:
        notices.read()  # what was said in time counts, though we were late to hear it
        crew.look()
        notifier.alive()
        notifier.status(crew.summary())
        await asyncio.sleep(seconds)
