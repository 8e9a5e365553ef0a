"""Who may ask for metrics and doesn't: no address keeps another out, and none keeps itself out."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests.gateway.metrics.scrape import get
from tests.gateway.site import QUICK

pytestmark = pytest.mark.asyncio(loop_scope="module")

MOST, MOST_OF_SOURCE = 12, 4
SETTINGS = (
    QUICK
    + '\n[metrics]\naddress = "127.0.0.1:{third}"\nsources = ["127.0.0.0/8"]\n'
    + f"max_connections = {MOST}\nmax_connections_per_source = {MOST_OF_SOURCE}\n"
)


@asynccontextmanager
async def silent(port, source, number):
    """That many connections which have sent the first octet of a request."""
    held = [await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0)) for _ in range(number)]
    for _, writer in held:
        writer.write(b"G")
    try:
        yield [reader for reader, _ in held]
    finally:
        for _, writer in held:
            writer.close()


async def ended(reader):
    async with asyncio.timeout(60):
        try:
            return await reader.read() == b""
        except ConnectionResetError:
            return True


class TestDos10:
    """Connections to the address for metrics that ask for nothing."""

    async def test_dos_10_one_address_keeps_no_other_out(self, site):
        port = site.gateway.third
        async with silent(port, "127.0.0.2", 4 * MOST) as held:
            assert (await get(port, "/health/live")).status == 200
            assert await ended(held[0])

    async def test_dos_10_it_does_not_keep_itself_out(self, site):
        port = site.gateway.third
        async with silent(port, "127.0.0.1", 2 * MOST):
            assert (await get(port, "/metrics")).status == 200

    async def test_dos_10_many_addresses_keep_no_other_out(self, site):
        port = site.gateway.third
        async with (
            silent(port, "127.0.0.2", MOST_OF_SOURCE),
            silent(port, "127.0.0.3", MOST_OF_SOURCE),
            silent(port, "127.0.0.4", MOST_OF_SOURCE),
            silent(port, "127.0.0.5", MOST_OF_SOURCE),
        ):
            assert (await get(port, "/health/ready")).status == 200

    async def test_dos_10_many_who_ask_at_once_are_answered(self, site):
        answers = await asyncio.gather(
            *(get(site.gateway.third, "/health/live") for _ in range(MOST_OF_SOURCE))
        )
        assert {one.status for one in answers} == {200}
