"""SIGHUP: a good configuration replaces the workers one after the other, a bad one changes nothing."""

import asyncio
import os
import signal
import socket

import pytest
import pytest_asyncio

from protocols import imap
from tests.gateway.supervisor.crew import goes_on, open_crew

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANOTHER = "https://elsewhere.example.test"
NOT_USED = "configuration not used; all goes on as before. Correct it and reload again"
LISTENER = '\n[[listener]]\nprotocol = "imap"\nname = "third"\naddress = "127.0.0.1:{port}"\ntls = "none"\n'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing_crew(tmp_path_factory, authority):
    async with open_crew(tmp_path_factory.mktemp("crew"), authority) as crew:
        yield crew


@pytest_asyncio.fixture(loop_scope="module")
async def crew(standing_crew):
    standing_crew.begin()
    before = standing_crew.gateway.config.read_text()
    yield standing_crew
    standing_crew.begin()
    standing_crew.gateway.configure(before)
    await standing_crew.lets_a_good_login_in()


@pytest.fixture
def taken():
    """A port where somebody else listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield sock.getsockname()[1]


def answers(port):
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


async def test_new_sessions_get_what_is_new_and_old_ones_go_on(crew):
    clients = [await crew.logged_in_at(number) for number in (1, 2)]
    old = crew.pids()
    crew.replace('portal_url = "', f'portal_url = "{ANOTHER}/')
    line = await crew.reload()
    assert "workers=2" in line
    assert set(crew.pids().values()).isdisjoint(old.values())
    assert ANOTHER.encode() in await crew.login("nobody@example.test", "wrong")
    for client in clients:
        assert await goes_on(crew, client)
    # Those that drain are asked too.
    assert crew.gateway.run("kick", "good@example.test").stdout.startswith("Cut 2 sessions")
    for client in clients:
        assert await client.line() == b""


async def test_the_next_worker_serves_before_the_last_one_ends(crew):
    await crew.reload()
    await crew.until_log("seconds=60.0 worker=2")
    events = [line for line in crew.log().splitlines() if " worker=" in line]
    told = [line for line in events if "event=ready" in line or "event=draining" in line]
    assert [("ready" in line, line[-1]) for line in told] == [
        (True, "1"),
        (False, "1"),
        (True, "2"),
        (False, "2"),
    ]


async def test_a_bad_configuration_is_named_by_its_line_and_leaves_all_as_it_was(crew):
    client = await crew.logged_in()
    old = crew.pids()
    lines = crew.gateway.config.read_text().splitlines()
    at = lines.index("drain_seconds = 60") + 1
    crew.replace("drain_seconds = 60", "drain_secs = 60")
    line = await crew.reload(until="configuration not used")
    assert f'level=error event="{NOT_USED}"' in line
    assert f"{crew.gateway.config}:{at}: limits.drain_secs: " in line
    assert crew.pids() == old
    assert await goes_on(crew, client)


async def test_while_the_file_is_bad_a_killed_worker_comes_back_with_what_was_checked(crew):
    crew.replace("[limits]", "[limit")
    await crew.reload(until="configuration not used")
    old = crew.pids()
    crew.mark()
    os.kill(old[1], signal.SIGKILL)
    await crew.until_log("event=ready")
    assert crew.pids().keys() == {1, 2}


async def test_an_address_that_is_not_to_be_had_is_a_bad_configuration(crew, taken):
    old = crew.pids()
    crew.gateway.configure(crew.gateway.config.read_text() + LISTENER.format(port=taken))
    line = await crew.reload(until="configuration not used")
    assert f"cannot listen on 127.0.0.1:{taken}: Address already in use." in line
    assert crew.pids() == old


async def test_where_no_new_worker_can_begin_the_old_ones_go_on(crew):
    client = await crew.logged_in()
    old = crew.pids()
    third = crew.gateway.third
    crew.replace("wicketgate.db", "nothing.db")
    crew.gateway.configure(crew.gateway.config.read_text() + LISTENER.format(port=third))
    line = await crew.reload(until="reload given up")
    assert "the new worker 1 could not begin and its lines say why; all workers go on" in line
    assert crew.pids() == old
    assert await goes_on(crew, client)
    assert not answers(third)


async def test_listeners_come_and_go(crew):
    third = crew.gateway.third
    before = crew.gateway.config.read_text()
    crew.gateway.configure(before + LISTENER.format(port=third))
    await crew.reload()
    new = await crew.connect("third")
    assert new.greeting.startswith(b"* OK")
    crew.gateway.configure(before)
    await crew.reload()
    await crew.until_log("seconds=60.0 worker=2")
    assert not answers(third)


async def test_workers_come_and_go(crew):
    crew.gateway.arguments = ()
    await asyncio.to_thread(crew.gateway.stop)
    crew.replace("[limits]", "[limits]\nworkers = 1")
    crew.mark()
    await asyncio.to_thread(crew.gateway.start)
    await crew.until_log(" workers=1")
    assert crew.pids().keys() == {1}
    crew.replace("workers = 1", "workers = 3")
    await crew.reload()
    assert crew.pids().keys() == {1, 2, 3}
    crew.replace("workers = 3", "workers = 2")
    await crew.reload()
    assert crew.pids().keys() == {1, 2}


async def test_a_stop_during_a_reload_stops_all(crew):
    client = await crew.logged_in()
    crew.mark()
    crew.signal(signal.SIGHUP)
    await crew.until_log("worker started")
    crew.signal(signal.SIGTERM)
    await crew.until_log("event=stopping")
    assert await goes_on(crew, client)
    crew.signal(signal.SIGTERM)
    assert await client.rest() == imap.GOODBYE
    assert await crew.ended() == 0
    crew.mark()
    await asyncio.to_thread(crew.gateway.start)
    await crew.until_log(" workers=2")


async def test_no_client_is_refused_or_cut_while_workers_are_replaced(crew):
    established = [await crew.logged_in() for _ in range(20)]
    logins = 0
    reloading = asyncio.create_task(reload_often(crew, 3))
    while not reloading.done():
        client = await crew.logged_in()
        assert await goes_on(crew, client)
        client.abort()
        logins += 1
    await reloading
    assert logins > 3
    for client in established:
        assert await goes_on(crew, client)
    assert {line["verdict"] for line in crew.logins()} == {"admitted"}


async def reload_often(crew, times):
    for _ in range(times):
        await crew.reload()
