"""All of the demo's servers: two are Twisted's, one is aiosmtpd's, two its own, on one loop.

Import it only when there is a reactor, for the sake of POP3.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from config import ProtocolName
from gateway.demo import imap, pop3, sieve, smtp
from gateway.demo.accounts import Accounts
from gateway.demo.directory import server
from gateway.demo.directory.tree import Tree


@asynccontextmanager
async def servers(
    reactor: Any, host: str, accounts: Accounts, tree: Tree
) -> AsyncIterator[dict[ProtocolName, int]]:
    """Serve on free ports of `host` as long as the context is open, and tell the ports."""
    twisted: dict[ProtocolName, Any] = {
        "imap": imap.listen(reactor, host, 0, accounts),
        "pop3": pop3.listen(reactor, host, 0, accounts),
    }
    submission = await smtp.listen(host, 0, accounts)
    scripts = await sieve.listen(host, 0, accounts)
    directory = await server.listen(host, 0, tree)
    try:
        ports = {name: one.getHost().port for name, one in twisted.items()}
        yield ports | {"smtp": _port(submission), "sieve": _port(scripts), "ldap": _port(directory)}
    finally:
        # Nothing waits for whoever is still connected; that ends with the process.
        submission.close()
        scripts.close()
        directory.close()
        for one in twisted.values():
            await one.stopListening().asFuture(asyncio.get_running_loop())


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
