"""The demo's portal, beside the gateway in the same process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from config import Settings
from portal.serve import opened


@asynccontextmanager
async def portal(settings: Settings) -> AsyncIterator[None]:
    """Serve as long as the context is open. Raises OSError when its port is taken.

    It has a thread and a loop of its own: uvicorn takes the signals of a main thread for itself.
    """
    with opened(settings) as one:
        running = asyncio.create_task(asyncio.to_thread(one.run))
        try:
            yield
        finally:
            one.end()
            await running
