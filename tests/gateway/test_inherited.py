"""Sockets that were handed over: who takes which, and what is refused."""

import contextlib
import signal
import socket

import pytest

from tests.gateway.people import People
from tests.servers.gateway import Gateway
from tests.servers.handing_over import listening, start

_BACKEND = """
[[backend]]
protocol = "imap"
address = "127.0.0.1:1"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""

_IMAPS = """
[[listener]]
protocol = "imap"
name = "imaps"
address = "127.0.0.1:{port}"
tls = "implicit"
"""


@pytest.fixture
def gateway(tmp_path, authority):
    """Not started yet."""
    made = Gateway(tmp_path, _BACKEND, authority=authority)
    People(tmp_path).close()
    yield made
    assert made.stop() == 0


@pytest.fixture
def sockets():
    with contextlib.ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(listening(*arguments))


def started(gateway, handed, environ=None, workers=0):
    start(gateway, handed, environ, workers)
    gateway.wait_for_log("event=ready", 60)


def greets(gateway, port):
    """Whether a client in TLS is greeted at this port."""
    with socket.create_connection((gateway.host, port), timeout=20) as plain:
        client = gateway.client_context().wrap_socket(plain, server_hostname="localhost")
        greeted = client.makefile("rb").readline().startswith(b"* OK")
        client.close()
        return greeted


def refuses(gateway, port):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((gateway.host, port), timeout=5)
    return True


def test_a_listener_takes_the_socket_of_its_name_wherever_it_is_bound(gateway, sockets):
    started(gateway, [("imaps", sockets(gateway.third))])
    assert greets(gateway, gateway.third)
    assert refuses(gateway, gateway.imaps)


def test_a_listener_takes_the_socket_at_its_address(gateway, sockets):
    elsewhere = sockets(gateway.third)
    started(gateway, [("wicketgate.socket", elsewhere), ("wicketgate.socket", sockets(gateway.imaps))])
    assert greets(gateway, gateway.imaps)


def test_every_address_is_the_same_in_either_family(gateway, sockets):
    text = gateway.config.read_text()
    gateway.configure(text.replace(f"127.0.0.1:{gateway.imaps}", f"0.0.0.0:{gateway.imaps}"))
    started(gateway, [("wicketgate.socket", sockets(gateway.imaps, "::"))])
    assert greets(gateway, gateway.imaps)


def test_workers_get_what_was_handed_to_their_supervisor(gateway, sockets):
    started(gateway, [("imaps", sockets(gateway.third))], workers=1)
    assert greets(gateway, gateway.third)


def test_a_listener_that_comes_back_takes_its_socket_again(gateway, sockets):
    """systemd listens on it all the while, so nobody could bind another one there."""
    started(gateway, [("imaps", sockets(gateway.imaps))], workers=1)
    whole = gateway.config.read_text()
    table = _IMAPS.format(port=gateway.imaps)
    assert table in whole
    for text in (whole.replace(table, "\n"), whole):
        gateway.configure(text)
        begin = len(gateway.log())
        gateway.process.send_signal(signal.SIGHUP)
        gateway.wait_for_log("event=reloaded", 60, begin)
    assert greets(gateway, gateway.imaps)


def test_a_listener_that_finds_none_binds_its_own(gateway, sockets):
    started(gateway, [("imap", sockets(gateway.imap))])
    assert greets(gateway, gateway.imaps)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_socket_that_nobody_wants_is_told(gateway, sockets, workers):
    started(gateway, [("pop3s", sockets(gateway.third))], workers=workers)
    line = gateway.wait_for_log("no listener uses a socket that was handed over")
    assert "level=warning" in line
    assert f"socket=pop3s address=127.0.0.1:{gateway.third}" in line


def test_what_was_meant_for_another_process_is_not_taken(gateway, sockets):
    started(gateway, [("imaps", sockets(gateway.third))], {"LISTEN_PID": "1"})
    assert greets(gateway, gateway.imaps)


def test_a_socket_that_another_process_sets_to_block_holds_nobody_up(gateway, sockets):
    """As systemd does when it starts a unit that lacks NonBlocking=yes: the property is all processes'."""
    shared = sockets(gateway.imaps)
    started(gateway, [("imaps", shared)])
    shared.setblocking(True)
    assert greets(gateway, gateway.imaps)
    assert greets(gateway, gateway.imaps)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("datagrams", "is no stream socket"),
        ("not listening", "is a socket that doesn't listen"),
        ("unix", "is a socket without an IP address"),
        ("file", "is no socket"),
    ],
)
def test_what_no_client_can_connect_to_is_refused(gateway, kind, why):
    opened = {
        "datagrams": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "not listening": socket.socket,
        "unix": lambda: socket.socket(socket.AF_UNIX),
        "file": lambda: gateway.config.open("rb"),
    }[kind]
    with opened() as file:
        start(gateway, [("imaps", file)])
        assert gateway.process.wait(60) == 1
    gateway.process = None
    assert f'"imaps", file 3 of those that were handed over, {why}' in gateway.log()
    assert "ListenStream=" in gateway.log()
    assert "Traceback" not in gateway.log()


@pytest.mark.parametrize("count", ["x", "-1", "257", "", "2"])
def test_variables_that_make_no_sense_are_refused(gateway, sockets, count):
    start(gateway, [("imaps", sockets(gateway.third))], {"LISTEN_FDS": count})
    assert gateway.process.wait(60) == 1
    gateway.process = None
    assert "unset LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES" in gateway.log()
