"""A gateway of several workers: one address tells of all of them."""

import asyncio
import os
import re
import signal

import pytest
import pytest_asyncio

from tests.gateway.metrics.scrape import OPENMETRICS, get, scrape, until
from tests.gateway.metrics.several import WORKERS, open_workers, told_to_stop
from tests.servers.ports import free_ports

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers(tmp_path_factory, authority):
    async with open_workers(tmp_path_factory.mktemp("workers"), authority) as site:
        yield site


def pid(site, number):
    started = re.findall(rf"event=\"worker started\" worker={number} pid=(\d+)", site.gateway.log())
    return int(started[-1])


async def test_each_workers_metrics_are_there_under_its_number(workers):
    port = workers.gateway.third
    before = await scrape(port)
    for number in WORKERS:
        assert before("wicketgate_worker_up", worker=number) == 1
        assert before("wicketgate_feed_fresh", worker=number) == 1
        assert before("process_resident_memory_bytes", worker=number) > 0
    assert before("process_resident_memory_bytes", worker="supervisor") > 0
    name, labels = "wicketgate_logins_total", {"protocol": "imap", "verdict": "admitted"}
    clients = [await workers.logged_in() for _ in range(6)]
    after = await until(port, name, before(name, **labels) + 6, **labels)
    assert after(name, **labels) == sum(after(name, worker=number, **labels) for number in WORKERS)
    assert after("wicketgate_sessions") == 6
    for client in clients:
        client.abort()
    openmetrics = await scrape(port, OPENMETRICS)
    assert openmetrics(name, **labels) == after(name, **labels)


async def test_a_worker_that_does_not_answer_is_left_out_and_counted(workers):
    port = workers.gateway.third
    before = (await scrape(port))("wicketgate_worker_unanswered_total")
    os.kill(pid(workers, 1), signal.SIGSTOP)
    try:
        lame = await until(port, "wicketgate_worker_up", 0, worker="1")
        assert lame("wicketgate_worker_unanswered_total") > before
        assert lame("wicketgate_feed_fresh", worker="2") == 1
        assert (await get(port, "/health/ready")).status == 200
        assert not lame.has("wicketgate_feed_fresh", worker="1")
    finally:
        os.kill(pid(workers, 1), signal.SIGCONT)
    await until(port, "wicketgate_worker_up", 1, worker="1")


async def test_a_worker_that_was_started_again_is_counted(workers):
    port = workers.gateway.third
    before = (await scrape(port))("wicketgate_worker_restarts_total", worker="2")
    os.kill(pid(workers, 2), signal.SIGKILL)
    await until(port, "wicketgate_worker_restarts_total", before + 1, worker="2")
    await until(port, "wicketgate_ready", 1, worker="2")


async def test_after_a_reload_the_old_workers_are_told_apart_while_they_drain(workers):
    port = workers.gateway.third
    old = {number: pid(workers, number) for number in WORKERS}
    clients = [await workers.logged_in() for _ in range(8)]
    workers.gateway.process.send_signal(signal.SIGHUP)
    await workers.until_log("event=reloaded")
    samples = await scrape(port)
    new = {number: pid(workers, number) for number in WORKERS}
    assert not set(new.values()) & set(old.values())
    for number in WORKERS:
        assert samples("wicketgate_ready", worker=number) == 1
    names = [f"{number}-{old[number]}" for number in WORKERS]  # one that had no session has left already
    left = [name for name in names if samples.has("wicketgate_sessions", worker=name)]
    assert sum(samples("wicketgate_sessions", worker=name) for name in left) == 8
    for client in clients:
        client.abort()


async def test_a_reload_may_move_it_to_another_address(workers):
    [port] = free_ports(1)
    old = workers.gateway.third
    text = workers.gateway.config.read_text()
    workers.begin()
    try:
        workers.gateway.configure(text.replace(f'"127.0.0.1:{old}"', f'"127.0.0.1:{port}"'))
        workers.gateway.process.send_signal(signal.SIGHUP)
        await workers.until_log("event=reloaded")
        assert (await get(port, "/health/ready")).status == 200
        with pytest.raises(ConnectionRefusedError):
            await get(old, "/health/ready")
    finally:
        workers.gateway.configure(text)
        workers.begin()
        workers.gateway.process.send_signal(signal.SIGHUP)
        await workers.until_log("event=reloaded")
    assert (await get(old, "/health/ready")).status == 200


async def test_a_stop_is_told_before_any_worker_turns_clients_away(tmp_path, authority):
    async with open_workers(tmp_path, authority) as site:
        port = site.gateway.third
        await told_to_stop(site)
        client = await site.logged_in()
        assert (await scrape(port))("wicketgate_ready") == 2
        client.abort()


async def test_without_any_worker_it_is_not_ready(tmp_path, authority):
    async with open_workers(tmp_path, authority) as site:
        for number in WORKERS:
            os.kill(pid(site, number), signal.SIGSTOP)
        async with asyncio.timeout(20):
            assert (await get(site.gateway.third, "/health/ready")).body == "no worker serves\n"
        assert (await get(site.gateway.third, "/health/live")).status == 200
        for number in WORKERS:
            os.kill(pid(site, number), signal.SIGCONT)
