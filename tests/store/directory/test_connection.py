"""How the service account gets to the directory: by TLS that is verified, or not at all."""

import contextlib
import socket
import threading

import pytest

from store.directory import DirectoryUnavailable, Lookup
from tests.servers.certificates import Authority
from tests.servers.directory import SERVICE_PASSWORD
from tests.servers.ports import free_ports
from tests.store.directory.conftest import FRITZ, settings_for
from tests.store.directory.fakes import Scripted


def ask(settings):
    lookup = Lookup(settings)
    try:
        return lookup.dn_of("fritz@example.test")
    finally:
        lookup.close()


def trouble(settings):
    with pytest.raises(DirectoryUnavailable) as raised:
        ask(settings)
    assert SERVICE_PASSWORD not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_directory_is_asked_with_tls_and_without(slapd, secret, tls, host):
    port = slapd.tls_port if tls == "implicit" else slapd.port
    assert ask(settings_for(slapd, secret, {"tls": tls, "address": f"{host}:{port}"})) == FRITZ.dn


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize("wrong", ["server_name", "ca_file"])
def test_a_certificate_of_another_name_or_authority_is_refused(slapd, secret, tmp_path, tls, wrong):
    """Also where the host's own name is in it, but another one was asked for."""
    (tmp_path / "other").mkdir()
    other = {
        "server_name": "elsewhere.example.test",
        "ca_file": str(Authority(tmp_path / "other").ca_file),
    }
    port = slapd.tls_port if tls == "implicit" else slapd.port
    backend = {"tls": tls, "address": f"localhost:{port}", wrong: other[wrong]}
    said = trouble(settings_for(slapd, secret, backend))
    assert said.startswith(f"The directory can't be asked. localhost:{port}: ")
    assert "certificate verify failed" in said
    assert said.endswith("Check the [[backend]] for ldap: `wicketgate check-config --online` connects to it.")
    assert ask(settings_for(slapd, secret, backend | {"verify": False})) == FRITZ.dn


def test_the_name_in_the_certificate_may_be_another_than_the_hosts(slapd, secret):
    backend = {"address": f"127.0.0.2:{slapd.tls_port}"}
    with socket.create_server(("127.0.0.2", slapd.tls_port)) as listening:
        threading.Thread(target=relay, args=(listening, slapd), daemon=True).start()
        assert ask(settings_for(slapd, secret, backend | {"server_name": "localhost"})) == FRITZ.dn


def relay(listening, slapd):
    client, _ = listening.accept()
    with client, socket.create_connection((slapd.host, slapd.tls_port)) as server:
        back = threading.Thread(target=pump, args=(server, client), daemon=True)
        back.start()
        pump(client, server)
        back.join(10)


def pump(source, target):
    with contextlib.suppress(OSError):  # who hangs up first is chance
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_the_next_address_is_tried_on_failure(slapd, secret):
    [port] = free_ports(1)
    backend = {"address": [f"127.0.0.1:{port}", f"localhost:{slapd.tls_port}"]}
    assert ask(settings_for(slapd, secret, backend)) == FRITZ.dn
    said = trouble(settings_for(slapd, secret, {"address": [f"127.0.0.1:{port}", f"[::1]:{port}"]}))
    assert said.count("Connection refused") == 2


def test_without_starttls_there_is_no_login(slapd, secret):
    with Scripted(None) as server:
        said = trouble(settings_for(slapd, secret, {"tls": "starttls", "address": server.address}))
    assert "startTLS failed" in said
    assert SERVICE_PASSWORD.encode() not in b"".join(server.got)


def test_a_service_account_that_is_refused_is_told(slapd, secret):
    said = trouble(settings_for(slapd, secret, {"service_dn": "cn=nobody,dc=example,dc=test"}))
    assert "it refused the service account cn=nobody,dc=example,dc=test: invalidCredentials (49)" in said


def test_a_password_file_that_can_not_be_used_is_told(slapd, secret):
    secret.chmod(0o644)
    assert "is open to every user" in trouble(settings_for(slapd, secret))
    secret.unlink()
    assert "there is no file" in trouble(settings_for(slapd, secret))


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x30\x84", b"\x30\x03\x02\x01\x01", b"\xff" * 40, b""],
)
def test_what_speaks_no_ldap_is_unavailable(slapd, secret, answer):
    with Scripted(answer) as server:
        backend = {"tls": "none", "address": server.address}
        trouble(settings_for(slapd, secret, backend, seconds=1.0))
