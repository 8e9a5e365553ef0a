"""Everybody else: people who log in all the time, and must not notice anything."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence

from tests.revocation.kinds import Right
from tests.revocation.visits import Answer, Try, attempt
from tests.servers.node import Node


class Crowd:
    """`rate` logins a second by IMAP over TLS, at each of the nodes in turn, from `begin` to `end`."""

    def __init__(self, nodes: Sequence[Node], rights: Sequence[Right], rate: float) -> None:
        self._turns = itertools.cycle(itertools.product(rights, nodes))
        self._rate = rate
        self._running: set[asyncio.Task[None]] = set()
        self.tries: list[Try] = []

    def begin(self) -> None:
        self._task = asyncio.create_task(self._come())

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, *self._running, return_exceptions=True)

    @property
    def answers(self) -> Counter[Answer]:
        return Counter(one.answer for one in self.tries)

    async def _come(self) -> None:
        """At their moments, however long the ones before them take."""
        began = time.monotonic()
        for number in itertools.count():
            await asyncio.sleep(max(0.0, began + number / self._rate - time.monotonic()))
            right, node = next(self._turns)
            task = asyncio.create_task(self._visit(node, right))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _visit(self, node: Node, right: Right) -> None:
        self.tries.append(await attempt(node, right, tls=True))
