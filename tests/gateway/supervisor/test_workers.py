"""Several workers on one set of sockets: who ends is replaced, and clients find somebody all the time."""

import os
import signal
from pathlib import Path

import pytest
import pytest_asyncio

from tests.gateway.site import GOOD
from tests.gateway.supervisor.crew import goes_on, open_crew

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing_crew(tmp_path_factory, authority):
    quick = {"WATCHDOG_USEC": "5000000"}
    async with open_crew(tmp_path_factory.mktemp("crew"), authority, environment=quick) as crew:
        yield crew


@pytest_asyncio.fixture(loop_scope="module")
async def crew(standing_crew):
    standing_crew.begin()
    yield standing_crew
    standing_crew.begin()
    await standing_crew.lets_a_good_login_in()


async def until_two_serve(crew, old):
    """Both numbers are served, by processes of which one is new."""
    line = await crew.until_log("event=ready")
    assert "worker=" in line
    pids = crew.pids()
    assert pids.keys() == {1, 2}
    assert len(set(pids.values()) - set(old.values())) == 1


async def test_each_worker_lets_clients_in_and_says_so_under_its_number(crew):
    for number in (1, 2):
        client = await crew.logged_in_at(number)
        assert await goes_on(crew, client)
    assert [line["worker"] for line in crew.logins()] == ["1", "2"]


async def test_sessions_and_status_tell_of_all_workers(crew):
    clients = [await crew.logged_in_at(number) for number in (1, 2)]
    told = crew.gateway.json("sessions")
    assert sorted((one["worker"], one["login"]) for one in told) == [(1, GOOD), (2, GOOD)]
    whole = crew.gateway.json("status")
    assert (whole["sessions"], whole["feed_fresh"]) == (2, True)
    assert [(one["worker"], one["sessions"], one["draining"]) for one in whole["workers"]] == [
        (1, 1, False),
        (2, 1, False),
    ]
    assert len(clients) == 2


async def test_kick_cuts_the_sessions_at_all_workers(crew):
    clients = [await crew.logged_in_at(number) for number in (1, 2)]
    assert crew.gateway.run("kick", GOOD).stdout == f"Cut 2 sessions of {GOOD}.\n"
    for client in clients:
        assert await client.line() == b""


async def test_a_revoked_app_password_is_out_at_all_workers(crew):
    given = crew.people.give(GOOD, "for both")
    clients = []
    for number in (1, 2):
        client = await crew.logged_in_at(number)
        clients.append(client)
    doomed = [line["app_password_id"] for line in crew.logins()]
    assert set(doomed) == {crew.good.id}
    crew.gateway.run("app-password", "delete", GOOD, crew.good.id)
    for client in clients:
        assert await client.line() == b""
    crew.good = given


async def test_a_worker_that_is_killed_is_replaced_and_the_sessions_of_the_other_go_on(crew):
    old = crew.pids()
    spared = await crew.logged_in_at(2)
    os.kill(old[1], signal.SIGKILL)
    line = await crew.until_log("worker ended by itself")
    assert f"worker=1 pid={old[1]} signal=SIGKILL again_in_seconds=" in line
    await until_two_serve(crew, old)
    assert await goes_on(crew, spared)


async def test_while_a_worker_is_gone_the_other_one_lets_clients_in(crew):
    old = crew.pids()
    os.kill(old[2], signal.SIGKILL)
    for _ in range(5):
        assert await goes_on(crew, await crew.logged_in())
    await until_two_serve(crew, old)


async def test_a_worker_that_hangs_is_killed_and_replaced(crew):
    old = crew.pids()
    os.kill(old[1], signal.SIGSTOP)
    line = await crew.until_log("no sign of life")
    assert f"worker=1 pid={old[1]}" in line
    await until_two_serve(crew, old)


async def test_status_says_which_worker_gives_no_answer(crew):
    old = crew.pids()
    os.kill(old[2], signal.SIGSTOP)
    done = crew.gateway.run("status", check=False)
    assert done.returncode == 1
    assert f"the gateway on {crew.gateway.folder}/control-2-{old[2]}.sock gave no answer" in done.stderr
    assert "worker: 1; " in done.stdout
    await until_two_serve(crew, old)


def environment_of(pid):
    pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


async def test_a_worker_gets_its_sockets_as_systemd_would_hand_them_over(crew):
    for pid in crew.pids().values():
        told = environment_of(pid)
        assert (told["LISTEN_PID"], told["LISTEN_FDS"], told["LISTEN_FDNAMES"]) == (
            str(pid),
            "2",
            "imaps:imap",
        )
