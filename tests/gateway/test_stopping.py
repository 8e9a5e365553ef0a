"""Stopping and starting again: nobody who is in is thrown out before the time, and nothing is forgotten."""

import signal
import socket
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from protocols import imap
from tests.gateway.before_dovecot import DORA, FRITZ, MAIN, backend, new_dovecot, open_mailhouse
from tests.gateway.live import Live
from tests.gateway.people import People
from tests.servers.gateway import WICKETGATE, Gateway

LONG, SHORT = "drain_seconds = 60\n", "drain_seconds = 1\n"
stopping = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])


@pytest.fixture(scope="module")
def dovecot():
    with new_dovecot() as server:
        yield server


@pytest.fixture
def open_house(dovecot, authority, tmp_path):
    """A gateway with lines for [limits]. In the end it must have left with 0 and without a traceback."""

    def opened(limits):
        return open_mailhouse(tmp_path / "gateway", authority, dovecot, limits=limits)

    return opened


def in_by_app_password(house):
    return Live.between_commands(house, FRITZ, house.given[FRITZ].secret)


def refuses_connections(house):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((house.gateway.host, house.gateway.imaps), timeout=5)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((house.gateway.host, house.gateway.imap), timeout=5)


@stopping
def test_sessions_go_on_until_they_log_out_while_nobody_new_gets_in(open_house, number):
    with open_house(LONG) as house:
        first, second = in_by_app_password(house), Live.in_idle(house, DORA, MAIN[DORA])
        house.gateway.process.send_signal(number)
        house.gateway.wait_for_log("event=draining")
        refuses_connections(house)
        first.answer("NOOP")
        first.answer("LOGOUT")
        second.leave_idle()
        assert house.gateway.process.poll() is None
        second.answer("LOGOUT")
        assert house.gateway.process.wait(20) == 0
        for live in (first, second):
            assert live.octets_until_the_cut() == 0
            live.close()


def test_at_the_end_of_the_drain_time_the_rest_is_told_goodbye(open_house):
    with open_house(SHORT) as house:
        live = in_by_app_password(house)
        house.gateway.process.send_signal(signal.SIGTERM)
        house.gateway.wait_for_log("event=draining")
        live.answer("NOOP")
        assert live.octets_until_the_cut() == len(imap.GOODBYE)
        assert house.gateway.process.wait(20) == 0
        live.close()


@stopping
def test_a_second_signal_ends_it_at_once(open_house, number):
    with open_house(LONG) as house:
        live = in_by_app_password(house)
        house.gateway.process.send_signal(signal.SIGTERM)
        house.gateway.wait_for_log("event=draining")
        house.gateway.process.send_signal(number)
        assert live.octets_until_the_cut() == len(imap.GOODBYE)
        assert house.gateway.process.wait(20) == 0
        live.close()


def test_with_nobody_in_it_ends_at_once(open_house):
    with open_house(LONG) as house:
        assert house.gateway.stop(seconds=20) == 0


def test_the_next_one_starts_while_the_last_sessions_of_the_old_one_go_on(open_house):
    with open_house(LONG) as house:
        doomed, old = in_by_app_password(house), Live.in_idle(house, DORA, MAIN[DORA])
        with ending(house.gateway.process) as old_process:
            old_process.send_signal(signal.SIGTERM)
            house.gateway.wait_for_log("event=draining")
            house.gateway.start()
            new = in_by_app_password(house)
            told = house.gateway.json("sessions")  # the old one is asked too
            assert [session["login"] for session in told] == [FRITZ, DORA, FRITZ]
            house.gateway.run("app-password", "delete-all", FRITZ)  # both hear of it
            assert doomed.octets_until_the_cut() == new.octets_until_the_cut() == 0
            old.leave_idle()
            old.answer("LOGOUT")
            assert old_process.wait(20) == 0
            assert house.sessions() == []
        for live in (doomed, old, new):
            live.close()


@contextmanager
def ending(process):
    """Whatever happens in the block, the process is gone after it."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_after_a_kill_it_starts_again_as_if_nothing_had_happened(open_house):
    with open_house(LONG) as house:
        house.gateway.process.kill()
        house.gateway.process.wait()
        assert (house.gateway.folder / "control.sock").exists()
        house.gateway.start()
        in_by_app_password(house).leave()
        assert house.sessions() == []


def test_when_and_by_what_an_app_password_was_last_used_is_known_after_a_stop(open_house):
    before = datetime.now(UTC).replace(microsecond=0)
    with open_house(LONG) as house:
        with house.connect(source="127.0.0.23") as client:
            client.xatom("ID", '("name" "Thunderbird" "version" "115.6" "os" "Linux")')
            client.login(FRITZ, house.given[FRITZ].secret)
        assert house.gateway.stop() == 0
        [told] = house.gateway.json("app-password", "list", FRITZ)
        assert before <= datetime.fromisoformat(told["last_used"]) <= datetime.now(UTC)
        assert (told["last_protocol"], told["last_address"]) == ("imap", "127.0.0.23")
        assert told["last_client"] == "Thunderbird 115.6"
        [unused] = house.gateway.json("app-password", "list", DORA)
        assert (unused["last_used"], unused["last_client"]) == (None, None)


def test_a_store_that_is_gone_does_not_keep_it_from_stopping(open_house):
    with open_house(LONG) as house:
        live = in_by_app_password(house)
        (house.gateway.folder / "wicketgate.db").unlink()
        live.answer("LOGOUT")
        assert house.gateway.stop(seconds=20) == 0
        assert "last uses and refusals are lost" in house.gateway.log()
        live.close()


def serve(gateway):
    """A `wicketgate serve` that can't begin: its exit code and what it says."""
    words = [WICKETGATE, "serve", *gateway.arguments, "-c", gateway.config]
    done = subprocess.run(words, capture_output=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


def test_a_second_one_on_the_same_addresses_says_which_and_ends(open_house):
    with open_house(LONG) as house:
        code, said = serve(house.gateway)
        assert code == 1
        assert (
            f"wicketgate: cannot listen on 127.0.0.1:{house.gateway.imaps}: Address already in use. "
            "Stop what listens there, or change the address of the listener.\n"
        ).encode() in said
        assert house.answer(FRITZ, house.given[FRITZ].secret) == "OK"


def test_a_second_one_on_the_same_control_socket_says_so_and_ends(open_house, dovecot, authority, tmp_path):
    with open_house(LONG) as house:
        other = Gateway(tmp_path / "other", backend(dovecot), authority=authority)
        People(other.folder).close()
        ours, theirs = ('"control.sock"', f'"{house.gateway.folder}/control.sock"')
        other.configure(other.config.read_text().replace(ours, theirs))
        code, said = serve(other)
        assert code == 1
        assert f"another gateway answers on {house.gateway.folder}/control.sock".encode() in said
        assert house.sessions() == []


def test_a_folder_that_is_made_for_the_control_socket_can_be_entered(open_house, tmp_path):
    """And the socket in it belongs to its user alone."""
    with open_house(SHORT) as house:
        gateway = house.gateway
        gateway.stop()
        folder = tmp_path / "made" / "for it"
        gateway.configure(gateway.config.read_text().replace('"control.sock"', f'"{folder}/control.sock"'))
        gateway.start()
        assert folder.stat().st_mode & 0o700 == 0o700
        assert folder.parent.stat().st_mode & 0o700 == 0o700
        assert (folder / "control.sock").stat().st_mode & 0o777 == 0o600
