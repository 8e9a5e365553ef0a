"""Stopping a gateway with workers, by whatever means."""

import asyncio
import errno
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest_asyncio

from protocols import imap
from tests.gateway.supervisor.crew import SECONDS, goes_on, open_crew
from tests.servers.gateway import WICKETGATE


@pytest_asyncio.fixture
async def crew(tmp_path, authority):
    async with open_crew(tmp_path / "gateway", authority) as crew:
        yield crew


def refuses_connections(crew):
    for port in crew.gateway.ports.values():
        with socket.socket() as sock:
            assert sock.connect_ex((crew.gateway.host, port)) == errno.ECONNREFUSED


def lives(pid):
    return Path(f"/proc/{pid}").exists()


async def until_gone(pids):
    """They are nobody's children any more: there is nothing to await."""
    async with asyncio.timeout(SECONDS):
        while any(map(lives, pids)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def leave(crew, client):
    await client.send(crew.dialect.quit)
    await client.rest()


async def all_drain(crew):
    for number in (1, 2):
        await crew.until_log(f"seconds=60.0 worker={number}")


async def test_all_workers_drain_at_the_same_time(crew):
    clients = [await crew.logged_in_at(number) for number in (1, 2)]
    crew.signal(signal.SIGTERM)
    await all_drain(crew)
    refuses_connections(crew)
    for client in clients:
        assert await goes_on(crew, client)
    assert len(crew.sockets()) == 2
    assert [one["worker"] for one in crew.gateway.json("sessions")] == [1, 2]
    for client in clients:
        await leave(crew, client)
    assert await crew.ended() == 0
    assert list(crew.gateway.folder.glob("control*")) == []


async def test_a_second_signal_ends_all_at_once(crew):
    clients = [await crew.logged_in_at(number) for number in (1, 2)]
    crew.signal(signal.SIGTERM)
    await all_drain(crew)
    crew.signal(signal.SIGTERM)
    for client in clients:
        assert await client.rest() == imap.GOODBYE
    assert await crew.ended() == 0


async def test_when_the_supervisor_is_killed_the_workers_drain(crew):
    clients = [await crew.logged_in_at(number) for number in (1, 2)]
    pids = crew.pids()
    crew.signal(signal.SIGKILL)
    await all_drain(crew)
    refuses_connections(crew)
    for client in clients:
        assert await goes_on(crew, client)
        await leave(crew, client)
    await until_gone(pids.values())
    assert await crew.ended() == -signal.SIGKILL


async def test_after_that_it_starts_again_as_if_nothing_had_happened(crew):
    pids = crew.pids()
    os.kill(pids[1], signal.SIGKILL)
    crew.signal(signal.SIGKILL)
    await crew.until_log("seconds=60.0 worker=2")
    await until_gone(pids.values())
    assert await crew.ended() == -signal.SIGKILL
    crew.mark()
    await asyncio.to_thread(crew.gateway.start, SECONDS)
    await crew.until_log(" workers=2")
    assert crew.pids().keys() == {1, 2}
    await crew.lets_a_good_login_in()


def as_in_a_terminal(gateway):
    """`serve` and its children are a process group of their own."""
    with gateway.log_file.open("ab") as log:
        words = [WICKETGATE, "serve", "--workers", "2", "-c", gateway.config]
        return subprocess.Popen(words, stdout=log, stderr=log, process_group=0)


async def test_ctrl_c_reaches_all_processes_of_a_terminal_and_is_one_signal(crew):
    await asyncio.to_thread(crew.gateway.stop)
    crew.gateway.process = as_in_a_terminal(crew.gateway)
    crew.mark()
    await crew.until_log(" workers=2")
    clients = [await crew.logged_in_at(number) for number in (1, 2)]
    os.killpg(crew.gateway.process.pid, signal.SIGINT)
    await all_drain(crew)
    for client in clients:
        assert await goes_on(crew, client)
        await leave(crew, client)
    assert await crew.ended() == 0


async def test_a_second_gateway_on_the_same_control_socket_says_so_and_ends(crew, tmp_path, authority):
    done = await asyncio.to_thread(crew.gateway.run, "serve", "--workers", "2", check=False)
    assert done.returncode == 1
    folder = crew.gateway.folder
    assert (
        "Address already in use" in done.stderr or f"answers on {folder}/control-notify.sock" in done.stderr
    )
    await crew.lets_a_good_login_in()


async def test_where_no_worker_can_begin_it_says_why_and_ends(crew):
    await asyncio.to_thread(crew.gateway.stop)
    (crew.gateway.folder / "pepper").unlink()
    done = await asyncio.to_thread(crew.gateway.run, "serve", "--workers", "2", check=False)
    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if line.startswith("wicketgate: ")]
    assert len(said) == 1
    assert "pepper can't be read" in said[0]
    assert 'event="worker could not begin" worker=1 ' in done.stderr


async def test_numbers_are_for_those_that_serve_themselves(crew):
    done = await asyncio.to_thread(crew.gateway.run, "serve", "--workers", "2", "--worker", "1", check=False)
    assert done.returncode == 2
    assert "--worker is for one that serves itself: --workers 0." in done.stderr
