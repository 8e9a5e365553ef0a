"""What the portal does besides answering: it forgets what is over."""

import asyncio

from portal.log import log
from portal.sign_in.guess import LONG
from portal.state import State
from store.database import StoreUnavailable
from store.portal import guesses, sessions

_EVERY_SECONDS = 60.0


async def keep_up(state: State) -> None:
    """Until it's cancelled."""
    while True:
        try:
            await asyncio.to_thread(_forget, state)
        except StoreUnavailable as error:
            log.error("the portal can't reach the store", error=str(error))
        await asyncio.sleep(_EVERY_SECONDS)


def _forget(state: State) -> None:
    sessions.forget_ended(state.database, state.lifetime)
    guesses.forget_old(state.database, LONG)
