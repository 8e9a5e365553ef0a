"""Whether load balancers are told in time where clients are welcome."""

import asyncio
import signal
from contextlib import contextmanager

import pytest

from tests.gateway.metrics.scrape import get, until
from tests.gateway.site import GOOD, QUICK, UNAVAILABLE, open_site
from tests.servers.ports import free_ports
from tests.servers.script import Reply, Then

METRICS = '\n[metrics]\naddress = "127.0.0.1:{third}"\n'
LIMITS = "[limits]\nrefusal_seconds = 0\ndrain_seconds = 30\ndrain_notice_seconds = 60\n"
SHORT_LEASE = "[limits]\nrefusal_seconds = 0\nlease_seconds = 0.9\nfeed_seconds = 0.1\ndrain_seconds = 0\n"


async def until_ready(port, status):
    """The answer with that status, once it's given."""
    async with asyncio.timeout(20):
        while True:
            try:
                answer = await get(port, "/health/ready")
            except ConnectionError:
                answer = None
            if answer is not None and answer.status == status:
                return answer
            await asyncio.sleep(0.02)


async def test_while_it_stops_it_says_no_first_and_still_lets_clients_in(tmp_path, authority):
    async with open_site(tmp_path, LIMITS + METRICS, authority) as site:
        port = site.gateway.third
        assert (await get(port, "/health/ready")).body == "ready\n"
        site.gateway.process.send_signal(signal.SIGTERM)
        assert (await until_ready(port, 503)).body == "stopping\n"
        assert (await get(port, "/health/live")).status == 200
        client = await site.logged_in()
        await until(port, "wicketgate_ready", 0)
        client.abort()
        site.gateway.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(site.gateway.process.wait, 20) == 0


async def test_once_it_drains_the_address_is_the_next_ones(tmp_path, authority):
    limits = LIMITS.replace("= 60", "= 0")
    async with open_site(tmp_path, limits + METRICS, authority) as site:
        client = await site.logged_in()
        old = site.gateway.process
        old.send_signal(signal.SIGTERM)
        await site.until_log("event=draining")
        await asyncio.to_thread(site.gateway.start)
        assert (await get(site.gateway.third, "/health/ready")).status == 200
        client.abort()
        assert await asyncio.to_thread(old.wait, 20) == 0


async def test_before_it_accepts_clients_it_says_that_it_starts(tmp_path, authority):
    async with open_site(tmp_path, QUICK + METRICS, authority, "pop3") as site:
        await asyncio.to_thread(site.gateway.stop)
        # It asks its backend first what to offer, and waits two seconds for it.
        site.backend.script["GREETING"] = Reply(then=Then.SILENCE)
        start = asyncio.ensure_future(asyncio.to_thread(site.gateway.start))
        assert (await until_ready(site.gateway.third, 503)).body == "starting\n"
        site.backend.script.clear()
        await start
        assert (await until_ready(site.gateway.third, 200)).body == "ready\n"


@contextmanager
def store_out_of_reach(site):
    file = site.gateway.folder / "wicketgate.db"
    file.rename(file.with_suffix(".elsewhere"))
    try:
        yield
    finally:
        file.with_suffix(".elsewhere").rename(file)


async def test_without_the_feed_for_the_lease_clients_are_sent_elsewhere(tmp_path, authority):
    async with open_site(tmp_path, SHORT_LEASE + METRICS, authority) as site:
        port = site.gateway.third
        assert (await get(port, "/health/ready")).status == 200
        with store_out_of_reach(site):
            told = await until_ready(port, 503)
            assert told.body == "the change feed has been silent for longer than the lease\n"
            assert (await site.login(GOOD, site.good.secret)).startswith(UNAVAILABLE[:15])
            lost = await until(port, "wicketgate_feed_fresh", 0)
            assert lost("wicketgate_feed_lag_seconds") > 0.8
            assert lost("wicketgate_ready") == 0
            assert (await get(port, "/health/live")).status == 200
        await until_ready(port, 200)
        await until(port, "wicketgate_feed_fresh", 1)


async def test_a_numbered_process_answers_at_a_port_of_its_own(tmp_path, authority):
    [port] = free_ports(1)
    async with open_site(tmp_path, QUICK, authority) as site:
        await asyncio.to_thread(site.gateway.stop)
        text = site.gateway.config.read_text() + METRICS.replace("{third}", str(port - 3))
        site.gateway.configure(text)
        site.gateway.arguments = ("--workers", "0", "--worker", "3")
        await asyncio.to_thread(site.gateway.start)
        assert (await get(port, "/health/ready")).status == 200


async def test_an_address_that_is_taken_is_named(tmp_path, authority):
    [port] = free_ports(1)
    async with open_site(tmp_path, QUICK + METRICS.replace("{third}", str(port)), authority) as site:
        await asyncio.to_thread(site.gateway.stop)
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
        async with server:
            with pytest.raises(AssertionError, match=f"metrics.address: cannot listen on 127.0.0.1:{port}"):
                await asyncio.to_thread(site.gateway.start)
        await asyncio.to_thread(site.gateway.start)
