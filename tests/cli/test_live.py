"""`wicketgate sessions`, `kick` and `status`: asking the running gateway, and who may not."""

import json
import re
import socket
import stat
import subprocess
import tempfile
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.privileges import as_nobody, without_override
from tests.gateway.before_dovecot import DORA, FRITZ, MAIN, new_dovecot, open_mailhouse
from tests.gateway.live import Live
from tests.servers.certificates import Authority
from tests.servers.gateway import WICKETGATE


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("authority"))
    with tempfile.TemporaryDirectory(prefix="gateway-") as folder, new_dovecot() as dovecot:
        Path(folder).chmod(0o755)  # unlike pytest's own, so that the socket alone keeps others out
        with open_mailhouse(Path(folder), authority, dovecot) as house:
            yield house


@pytest.fixture
def shell(house, bare, monkeypatch):
    """Commands with the configuration of the running gateway."""
    monkeypatch.setenv("WICKETGATE_CONFIG", str(house.gateway.config))
    return bare


@pytest.fixture
def socket_path(house):
    return house.gateway.folder / "control.sock"


@pytest.fixture
def fritz(house):
    live = Live(house, FRITZ, house.given[FRITZ].secret)
    yield live
    live.leave()


@pytest.fixture
def dora(house):
    live = Live(house, DORA, MAIN[DORA])
    yield live
    live.leave()


def test_nobody_is_logged_in(shell):
    assert shell("sessions").out == "Nobody is logged in.\n"
    assert shell("sessions", "--json").json == []


def test_sessions_tell_who_is_in_by_what_and_from_where(house, shell, fritz, dora):
    first, second = shell("sessions", "--json").json
    assert datetime.fromisoformat(first.pop("since")) <= datetime.now(UTC)
    assert first.pop("number") < second["number"]
    assert first == {
        "login": FRITZ,
        "app_password_id": house.given[FRITZ].id,
        "app_password": house.given[FRITZ].name,
        "protocol": "imap",
        "listener": "imaps",
        "address": "127.0.0.1",
        "until": None,
    }
    assert (second["login"], second["app_password_id"], second["app_password"]) == (DORA, None, "")
    title, *rows = shell("sessions").out.splitlines()
    assert re.split(" {2,}", title) == [
        *["NUMBER", "LOGIN", "APP PASSWORD ID", "APP PASSWORD", "PROTOCOL"],
        *["LISTENER", "ADDRESS", "SINCE", "UNTIL"],
    ]
    assert [row.split()[1] for row in rows] == [FRITZ, DORA]


def test_kick_cuts_the_sessions_of_one_user_only(house, shell, dora):
    fritz = Live(house, FRITZ, house.given[FRITZ].secret)
    assert shell("kick", FRITZ.title()).out == f"Cut 1 session of {FRITZ}.\n"
    assert fritz.octets_until_the_cut() == 0
    fritz.close()
    dora.answer("NOOP")
    assert shell("kick", FRITZ).out == f"Cut 0 sessions of {FRITZ}.\n"


def test_kick_knows_aliases(house, shell):
    house.people.add("kim@example.test", "enforced", aliases=["k@example.test"], backend_login=FRITZ)
    live = Live(house, "kim@example.test", house.people.give("kim@example.test").secret)
    assert shell("kick", "k@example.test").out == "Cut 1 session of kim@example.test.\n"
    assert live.octets_until_the_cut() == 0
    live.close()


def test_status_of_a_gateway_that_is_well(house, shell, fritz):
    told = shell("status", "--json").json
    assert told["sessions"] == 1
    assert told["feed_fresh"] is True
    assert told.keys() == {
        *["sessions", "not_logged_in", "feed_lag_seconds", "feed_fresh"],
        *["argon2_runs", "hashes_waiting", "hashes_running"],
    }
    lines = shell("status").out.splitlines()
    assert "sessions: 1" in lines
    assert "feed fresh: yes" in lines


@pytest.mark.parametrize("words", [("sessions",), ("kick", FRITZ), ("status",), ("status", "--json")])
def test_without_a_running_gateway(house, shell, socket_path, words):
    elsewhere = socket_path.with_suffix(".elsewhere")
    socket_path.rename(elsewhere)
    try:
        assert shell.refused(*words) == (
            f"no gateway answers on {socket_path}: No such file or directory. "
            "Start it, or check control.socket in the configuration."
        )
    finally:
        elsewhere.rename(socket_path)


@contextmanager
def impostor(path, answer):
    """Something else listens on the socket, and answers so to one request."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve():
            with listening.accept()[0] as client:
                client.recv(4096)
                client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            thread.join()


@pytest.mark.parametrize("answer", [b"", b"220 hello\r\n", b"[1]\n", b'"x"\n', b"\xff\n"])
def test_what_answers_nonsense_is_no_gateway(bare, answer):
    path = bare.folder / "control.sock"
    with impostor(path, answer):
        assert bare.refused("status") == f"the gateway on {path} gave no answer. See its log."


@pytest.fixture
def open_to_all(socket_path):
    """The socket, as if somebody had lifted its permissions."""
    socket_path.chmod(0o666)
    yield socket_path
    socket_path.chmod(0o600)


ASK = """
import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
sock.sendall(sys.argv[2].encode() + b"\\n")
print(sock.makefile().read())
"""


@pytest.fixture
def ask_as_nobody():
    become = as_nobody()
    if become is None:
        pytest.skip("only root, or sudo without a password, can become another user")

    def ask(path, request):
        words = [*become, "/usr/bin/python3", "-I", "-c", ASK, path, json.dumps(request)]
        return subprocess.run(words, capture_output=True, text=True, timeout=20)

    return ask


def test_other_users_can_not_even_open_the_socket(socket_path, ask_as_nobody):
    assert stat.S_IMODE(socket_path.stat().st_mode) == 0o600
    assert "PermissionError" in ask_as_nobody(socket_path, {"command": "status"}).stderr


@pytest.mark.parametrize("command", ["status", "sessions", "kick"])
def test_other_users_get_no_answer_where_the_socket_was_left_open(fritz, open_to_all, ask_as_nobody, command):
    done = ask_as_nobody(open_to_all, {"command": command, "login": FRITZ})
    assert done.stderr == ""
    assert json.loads(done.stdout) == {"error": "Only root and the gateway's own user may ask. Use sudo."}
    fritz.answer("NOOP")


def test_who_may_not_open_the_socket_is_told_so(house, socket_path):
    socket_path.chmod(0)
    try:
        words = [*without_override(), WICKETGATE, "status", "-c", house.gateway.config]
        done = subprocess.run(words, capture_output=True, text=True, timeout=20)
    finally:
        socket_path.chmod(0o600)
    sentence = f"you may not open {socket_path}. Only root and the gateway's own user may; use sudo."
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"wicketgate: {sentence}\n")


JUNK = {
    "nothing": b"",
    "empty": b"\n",
    "text": b"status\n",
    "list": b"[]\n",
    "unknown": b'{"command": "stop"}\n',
    "wrong-type": b'{"command": ["status"]}\n',
    "nested": b"[" * 4000 + b"\n",
    "bytes": bytes(range(256)) + b"\n",
    "endless": b"x" * 100_000,
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
def test_junk_on_the_socket_harms_nobody(house, shell, fritz, socket_path, junk):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(20)
        sock.connect(str(socket_path))
        with suppress(BrokenPipeError, ConnectionResetError):
            sock.sendall(junk)
            sock.shutdown(socket.SHUT_WR)
            assert sock.makefile("rb").read() in (b"", UNKNOWN)
    assert shell("status", "--json").json["sessions"] == 1
    fritz.answer("NOOP")
    assert "Traceback" not in house.gateway.log()


UNKNOWN = b'{"error": "Unknown command; there are failures, kick, sessions, status."}\n'
