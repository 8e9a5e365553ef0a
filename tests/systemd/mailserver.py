"""Runs inside of the machine: the demo's IMAP and submission servers, at fixed ports of loopback."""

import asyncio
import sys
from typing import Any

from twisted.internet import asyncioreactor


async def _serve(reactor: Any, shared_password: str, imap_port: int, smtp_port: int) -> None:
    from gateway.demo import imap, smtp
    from gateway.demo.accounts import Accounts
    from gateway.demo.people import main_passwords

    accounts = Accounts(main_passwords(), shared_password)
    imap.listen(reactor, "127.0.0.1", imap_port, accounts)
    submission = await smtp.listen("127.0.0.1", smtp_port, accounts)
    async with submission:
        await submission.serve_forever()


with asyncio.Runner() as runner:
    asyncioreactor.install(runner.get_loop())
    from twisted.internet import reactor

    runner.run(_serve(reactor, sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
