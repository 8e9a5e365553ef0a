"""What the portal does besides answering: it forgets what is over, and tells what has happened."""

import asyncio
from collections.abc import Callable

from portal.certificate import Certificate
from portal.log import log
from portal.notices.sending import tell
from portal.sign_in.guess import LONG
from portal.state import State
from store.database import StoreUnavailable
from store.portal import guesses, sessions

_FORGET_EVERY = 60.0  # seconds
_TELL_EVERY = _LOOK_EVERY = 1.0


async def keep_up(state: State, certificate: Certificate | None) -> None:
    """Until it's cancelled."""
    works = [
        _again_and_again(lambda: _forget(state), _FORGET_EVERY),
        _again_and_again(lambda: tell(state.database, state.settings), _TELL_EVERY),
    ]
    if certificate is not None:
        works.append(_again_and_again(certificate.look, _LOOK_EVERY))
    await asyncio.gather(*works)


async def _again_and_again(work: Callable[[], None], seconds: float) -> None:
    while True:
        try:
            await asyncio.to_thread(work)
        except StoreUnavailable as error:
            log.error("the portal can't reach the store", error=str(error))
        except Exception:
            log.exception("the portal's upkeep failed")
        await asyncio.sleep(seconds)


def _forget(state: State) -> None:
    sessions.forget_ended(state.database, state.lifetime)
    guesses.forget_old(state.database, LONG)
