"""ManageSieve through the gateway to Dovecot: sieve-connect, and what is said on the wire."""

import base64
import re
import subprocess

import pytest

from tests.gateway.before_dovecot import DORA, FRITZ, MAIN, backend, new_dovecot, open_mailhouse
from tests.gateway.mail import run

pytestmark = pytest.mark.timeout(60)

SCRIPT = b'require ["fileinto"];\r\nif header :contains "Subject" "{5}" {\r\n  fileinto "x";\r\n}\r\n'


@pytest.fixture(scope="module")
def dovecot():
    with new_dovecot() as server:
        yield server


@pytest.fixture(scope="module", params=["starttls", "none"])
def house(request, dovecot, authority, tmp_path_factory):
    settings = backend(dovecot, "sieve", tls=request.param)
    with open_mailhouse(tmp_path_factory.mktemp("gateway"), authority, dovecot, settings) as house:
        yield house


@pytest.fixture(params=[FRITZ, f"{DORA}, main password"])
def sieve_connect(request, house, tmp_path):
    """A call of the program with its options; returns what it printed."""
    login, comma, _ = request.param.partition(",")
    word = MAIN[login] if comma else house.given[login].secret
    connect = ["--server", "localhost", "--port", house.gateway.ports["sieve"], "--user", login]
    ca = ["--tlscafile", house.gateway.authority.ca_file]

    def call(*more):
        # It asks a terminal for the password unless it's told where else to read it.
        return run(*["sieve-connect", *connect, *ca, "--passwordfd", "0", *more], text=f"{word}\n".encode())

    return call


def test_sieve_connect_stores_activates_lists_and_fetches_a_script(sieve_connect, tmp_path):
    (tmp_path / "there").write_bytes(SCRIPT)
    there, back = tmp_path / "there", tmp_path / "back"
    sieve_connect("--upload", "--localsieve", there, "--remotesieve", "rules")
    sieve_connect("--activate", "--remotesieve", "rules")
    assert re.search(rb'"?rules"? ACTIVE', sieve_connect("--list"))
    sieve_connect("--download", "--localsieve", back, "--remotesieve", "rules")
    assert back.read_bytes().replace(b"\r\n", b"\n") == SCRIPT.replace(b"\r\n", b"\n")
    sieve_connect("--deactivate")
    sieve_connect("--delete", "--remotesieve", "rules")
    assert b"rules" not in sieve_connect("--list")


def test_sieve_connect_is_refused_with_the_main_password_of_an_enforced_user(house):
    command = ["sieve-connect", "--server", "localhost", "--port", str(house.gateway.ports["sieve"])]
    command += ["--tlscafile", str(house.gateway.authority.ca_file), "--user", FRITZ, "--passwordfd", "0"]
    done = subprocess.run([*command, "--list"], input=f"{MAIN[FRITZ]}\n".encode(), capture_output=True)
    assert done.returncode != 0
    assert b"Wrong user name or password. With two-step verification, use an app password" in done.stderr


def test_dovecot_is_told_where_the_client_is(dovecot, house):
    source = f"127.7.7.{len(dovecot.log()) % 200 + 2}"
    with house.gateway.connect("sieves", source=source) as sock, sock.makefile("rb") as answers:
        word = house.given[FRITZ].secret.encode()
        response = base64.b64encode(b"\0" + FRITZ.encode() + b"\0" + word)
        sock.sendall(b'AUTHENTICATE "PLAIN" {%d+}\r\n%b\r\n' % (len(response), response))
        sock.sendall(b'PUTSCRIPT "one" {%d+}\r\n%b\r\nLOGOUT\r\n' % (len(SCRIPT), SCRIPT))
        said = answers.read()
    assert said.count(b"\r\nOK") == 4, said  # greeting, login, script, goodbye
    assert dovecot.logged(rf"managesieve-login\S*: Info: Login: user=<{FRITZ}>.* rip={source},")
