"""What the portal does besides answering: it forgets what is over, and tells what has happened."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from threading import Thread

from portal.certificate import Certificate
from portal.log import log
from portal.notices.sending import channels, forget_what_is_off, gather, send_due
from portal.state import State
from store.database import StoreUnavailable
from store.portal import guesses, sessions
from store.portal.notices import Channel

_FORGET_EVERY = 60.0  # seconds
_TELL_EVERY = _LOOK_EVERY = 1.0
# Gateways write uses late: by some seconds, and after an outage of the store by as much as it took.
_LOOK_BACK_EVERY, _BACK = 300.0, timedelta(minutes=15)
_GRACE = 3.0


async def keep_up(state: State, certificate: Certificate | None) -> None:
    """Until it's cancelled."""
    task = asyncio.current_task()

    def is_ending() -> bool:
        """Threads ask it. They hear of it at once, though the task waits for them."""
        return task is not None and task.cancelling() > 0

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_again_and_again(lambda: _forget(state), _FORGET_EVERY))
        tasks.create_task(_tell(state, is_ending))
        if certificate is not None:
            tasks.create_task(_again_and_again(certificate.look, _LOOK_EVERY))


async def _tell(state: State, is_ending: Callable[[], bool]) -> None:
    """Each in its own time: a server that hangs holds up nobody else."""
    database, settings = state.database, state.settings

    def sending(channel: Channel) -> Callable[[], None]:
        return lambda: send_due(database, settings, channel, is_ending)

    await _try(lambda: forget_what_is_off(database, settings))
    on = channels(settings)
    if not on:
        return
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_again_and_again(lambda: gather(database, settings), _TELL_EVERY))
        tasks.create_task(_again_and_again(lambda: gather(database, settings, _BACK), _LOOK_BACK_EVERY))
        for channel in on:
            tasks.create_task(_again_and_again(sending(channel), _TELL_EVERY))


async def _again_and_again(work: Callable[[], None], seconds: float) -> None:
    while True:
        await _try(work)
        await asyncio.sleep(seconds)


async def _try(work: Callable[[], None]) -> None:
    try:
        await _apart(work)
    except StoreUnavailable as error:
        log.error("the portal can't reach the store", error=str(error))
    except Exception:
        log.exception("the portal's upkeep failed")


async def _apart(work: Callable[[], None]) -> None:
    """In a thread that may end what it's at, and that nobody waits for longer: a server may hang."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()

    def tell(error: BaseException | None) -> None:
        if over.done():
            return
        if error is None:
            over.set_result(None)
        else:
            over.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            work()
        except BaseException as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(tell, error)

    Thread(target=run, daemon=True).start()
    try:
        await asyncio.shield(over)
    except asyncio.CancelledError:
        await asyncio.wait([over], timeout=_GRACE)
        raise


def _forget(state: State) -> None:
    sessions.forget_ended(state.database, state.lifetime)
    throttle = state.settings.throttle
    guesses.forget_old(state.database, max(throttle.window_seconds, throttle.user_window_seconds))
