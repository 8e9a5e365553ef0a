"""A parser of Redis's replies that takes no more than we ever ask for.

redis-py and hiredis believe what a server announces. One that isn't ours any more could name an array of
billions, for which hiredis makes room at once, or go on sending for ever.
"""

import re
from typing import Any

from redis.asyncio.connection import DefaultParser
from redis.exceptions import ConnectionError, InvalidResponse

_MOST_BYTES = 1 << 20  # of one reply; the longest is COMMAND's, which a Cluster is asked once
_MANY_ELEMENTS = re.compile(rb"\r\n[*%~>|][0-9]{5,}")
_HEAD_BYTES = 8  # of what was read before: a head may come in pieces


class BoundedParser(DefaultParser):  # type: ignore[misc, valid-type]
    """redis-py's parser on hiredis, with bounds."""

    def __init__(self, socket_read_size: int) -> None:
        super().__init__(socket_read_size=socket_read_size)
        self._left = _MOST_BYTES
        self._tail = b"\r\n"

    def on_connect(self, connection: Any) -> None:
        super().on_connect(connection)
        self._tail = b"\r\n"

    async def read_response(self, disable_decoding: bool = False, push_request: bool = False) -> Any:
        self._left = _MOST_BYTES
        return await super().read_response(disable_decoding=disable_decoding, push_request=push_request)

    async def read_from_socket(self) -> bool:
        """Called when a reply isn't complete. Raises InvalidResponse for one that is too large."""
        octets = await self._stream.read(self._read_size)
        if not octets:
            raise ConnectionError("Redis closed the connection")
        seen = self._tail + octets
        self._left -= len(octets)
        self._tail = seen[-_HEAD_BYTES:]
        if self._left < 0 or _MANY_ELEMENTS.search(seen):
            raise InvalidResponse("Redis answered more than it was asked for")
        self._reader.feed(octets)
        return True
