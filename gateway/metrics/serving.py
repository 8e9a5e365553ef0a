"""Opens the address for metrics of one gateway process."""

import asyncio

from config import Address, Metrics
from gateway.cannot_listen import CannotListen
from gateway.control import Command
from gateway.metrics.collector import GatewayCollector
from gateway.metrics.exposition import Exposition
from gateway.metrics.pages import Pages
from gateway.metrics.portable import packed
from gateway.metrics.server import MetricsServer
from gateway.metrics.subject import Subject
from gateway.worker import Worker

_LAST_PORT = 65535


async def serve_metrics(
    settings: Metrics, subject: Subject, worker: Worker, loop: asyncio.AbstractEventLoop
) -> MetricsServer:
    """Started, if an address is set; of a supervised worker it's the supervisor that serves.

    Several processes on one machine have a port each: worker N that of the configuration and N. Raises
    `CannotListen`.
    """
    collector = GatewayCollector(subject)

    async def gather() -> GatewayCollector:
        return collector

    async def obstacle() -> str:
        return subject.readiness.obstacle

    pages = Pages(Exposition(gather, loop).reply, obstacle)
    server = MetricsServer(settings, pages.answer)
    if settings.address is not None and not worker.supervised:
        await server.start(_address_of(settings.address, worker.number))
    return server


def commands_of_metrics(subject: Subject) -> dict[str, Command]:
    """What the supervisor asks over the control socket."""
    collector = GatewayCollector(subject)
    return {
        "metrics": lambda _: {"families": packed(collector.collect())},
        "ready": lambda _: {"obstacle": subject.readiness.obstacle},
    }


def _address_of(address: Address, number: int) -> Address:
    port = address.port + number
    if port > _LAST_PORT:
        raise CannotListen(
            f"metrics.address: worker {number} would need port {port}; allowed is up to {_LAST_PORT}. "
            "Set a lower port."
        )
    return Address(address.host, port)
