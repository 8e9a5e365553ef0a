"""SASL's PLAIN and LOGIN on the server's side, for any protocol."""

import base64
from collections.abc import Awaitable, Callable, Sequence

from tests.servers.speeches import Login


async def credentials(words: Sequence[bytes], ask: Callable[[bytes], Awaitable[bytes]]) -> Login:
    """`words` are the mechanism and perhaps an initial response; `ask` encodes and sends a challenge."""
    mechanism, *initial = words
    if mechanism.upper() == b"LOGIN":
        name = initial[0] if initial else await ask(b"Username:")
        answers = [name, await ask(b"Password:")]
        return Login(*(base64.b64decode(each).decode() for each in answers))
    response = base64.b64decode(initial[0] if initial else await ask(b""))
    acts_as, name, password = response.decode().split("\0")
    return Login(name, password, acts_as)
