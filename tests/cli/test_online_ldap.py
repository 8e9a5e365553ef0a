"""`wicketgate check-config --online`, before a real directory."""

import socket

import pytest

from tests.cli.conftest import Shell
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_ports
from tests.servers.slapd import Slapd
from tests.servers.slapd_config import Options

BACKEND = """
[limits]
backend_seconds = {seconds}
[[backend]]
protocol = "ldap"
address = {addresses}
tls = "{tls}"
login = "service"
service_dn = "cn=wicketgate,ou=services,dc=example,dc=test"
service_password_file = "service-password"
"""
WITH_TLS = pytest.mark.parametrize("tls", ["implicit", "starttls"])


@pytest.fixture(scope="module")
def slapd():
    with Slapd() as slapd:
        yield slapd


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """An authority that has nothing to do with slapd's certificate."""
    return Authority(tmp_path_factory.mktemp("elsewhere"))


def configure(shell: Shell, ports: list[int], tls: str, more: str = "", *, host="127.0.0.1", seconds=5):
    (shell.folder / "service-password").touch(0o600)
    (shell.folder / "service-password").write_text("service-word")
    addresses = [f"{host}:{port}" for port in ports]
    shell.configure(BACKEND.format(addresses=addresses, tls=tls, seconds=seconds) + more)


def trusting(authority) -> str:
    return f'ca_file = "{authority.ca_file}"\n'


def port_of(slapd, tls):
    return slapd.tls_port if tls == "implicit" else slapd.port


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_slapd_is_reached(bare, slapd, tls):
    port = port_of(slapd, tls)
    configure(bare, [port], tls, trusting(slapd) if tls != "none" else "")
    said = bare("check-config", "--online")
    how = "reached, without TLS" if tls == "none" else "TLSv1.3, certificate verified"
    assert said.out.splitlines()[1:] == [f"backend ldap 127.0.0.1:{port}: ok: {how}"]
    assert said.err == ""


def test_a_slapd_that_does_nothing_without_tls_is_reached_by_starttls(bare):
    with Slapd(options=Options(require_tls=True)) as slapd:
        configure(bare, [slapd.port], "starttls", trusting(slapd))
        assert "certificate verified" in bare("check-config", "--online").out


@WITH_TLS
def test_stls_10_a_certificate_that_is_not_trusted_is_told(bare, slapd, elsewhere, tls):
    port = port_of(slapd, tls)
    configure(bare, [port], tls, trusting(elsewhere))
    said = bare("check-config", "--online", code=1).err
    assert said.startswith(f"backend ldap 127.0.0.1:{port}: failed: the certificate is not accepted: ")


@WITH_TLS
def test_stls_10_a_certificate_for_another_name_is_told(bare, slapd, tls):
    port = port_of(slapd, tls)
    configure(bare, [port], tls, trusting(slapd) + 'server_name = "ldap.example.test"\n')
    said = bare("check-config", "--online", code=1).err
    assert said.startswith(f"backend ldap 127.0.0.1:{port}: failed: the certificate is not accepted: ")
    assert "ldap.example.test" in said


def test_a_certificate_that_nobody_looks_at_is_called_so(bare, slapd):
    configure(bare, [slapd.tls_port], "implicit", "verify = false\n")
    assert "TLSv1.3, certificate NOT verified" in bare("check-config", "--online").out


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_nobody_there_is_told(bare, slapd, tls):
    [port] = free_ports(1)
    configure(bare, [port], tls, trusting(slapd) if tls != "none" else "")
    said = bare("check-config", "--online", code=1).err
    assert said == f"backend ldap 127.0.0.1:{port}: failed: no connection: Connection refused\n"


def test_each_address_is_tried(bare, slapd):
    [port] = free_ports(1)
    configure(bare, [slapd.port, port], "starttls", trusting(slapd))
    said = bare("check-config", "--online", code=1)
    assert f"backend ldap 127.0.0.1:{slapd.port}: ok: " in said.out
    assert said.err.startswith(f"backend ldap 127.0.0.1:{port}: failed: no connection: ")


def test_a_port_of_another_kind_of_tls_is_told(bare, slapd):
    configure(bare, [slapd.port], "implicit", trusting(slapd))
    assert ": failed: no TLS: " in bare("check-config", "--online", code=1).err
    configure(bare, [slapd.tls_port], "starttls", trusting(slapd))
    said = bare("check-config", "--online", code=1).err
    assert 'are protocol = "ldap" and tls = "starttls" right for this port?' in said


def test_a_server_that_is_no_directory_is_told(bare):
    with Dovecot({}) as dovecot:
        for protocol in ("imap", "pop3"):
            configure(bare, [dovecot.port(protocol, "none")], "none")
            said = bare("check-config", "--online", code=1).err
            assert 'are protocol = "ldap" and tls = "none" right for this port?' in said


def test_a_server_that_says_nothing_is_given_up(bare):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        configure(bare, [silent.getsockname()[1]], "none", seconds=0.3)
        said = bare("check-config", "--online", code=1).err
        assert ": failed: no answer within 0.3 seconds (limits.backend_seconds)" in said


def test_the_service_password_is_not_sent_and_must_be_readable(bare, slapd):
    begins = len(slapd.log())
    configure(bare, [slapd.port], "starttls", trusting(slapd))
    bare("check-config", "--online")
    assert "BIND dn=" not in slapd.log()[begins:]
    (bare.folder / "service-password").unlink()
    assert "backend[0].service_password_file: there is no file " in bare("check-config", code=78).err
