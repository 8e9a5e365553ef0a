"""`wicketgate check-config --online`, before real servers."""

import pytest

from tests.servers.dovecot import Dovecot

BACKEND = """
[limits]
backend_seconds = 5
[[backend]]
protocol = "{protocol}"
address = "localhost:{port}"
tls = "{tls}"
login = "shared-password"
shared_password_file = "secret"
"""
PROTOCOLS = ("imap", "pop3", "smtp", "sieve")
# ManageSieve has no port for TLS from the first byte (RFC 5804, section 1.8).
DOORS = [
    (protocol, tls)
    for protocol in PROTOCOLS
    for tls in ("implicit", "starttls", "none")
    if (protocol, tls) != ("sieve", "implicit")
]


@pytest.fixture(scope="module")
def dovecot():
    with Dovecot({"fritz@example.test": "secret"}) as dovecot:
        yield dovecot


def check(shell, code, protocol, port, tls, more=""):
    """What it says about such a backend."""
    (shell.folder / "secret").touch(0o600)
    (shell.folder / "secret").write_text("secret")
    shell.configure(BACKEND.format(protocol=protocol, port=port, tls=tls) + more)
    return shell("check-config", "--online", code=code)


@pytest.mark.parametrize(("protocol", "tls"), DOORS)
def test_dovecot_is_reached(bare, dovecot, protocol, tls):
    port = dovecot.port(protocol, tls)
    trusted = f'ca_file = "{dovecot.ca_file}"\n' if tls != "none" else ""
    said = check(bare, 0, protocol, port, tls, trusted)
    how = "reached, without TLS" if tls == "none" else "TLSv1.3, certificate verified"
    assert said.out.splitlines()[1:] == [f"backend {protocol} localhost:{port}: ok: {how}"]
    assert said.err == ""


@pytest.mark.parametrize(("protocol", "tls"), [door for door in DOORS if door[1] != "none"])
def test_stls_10_a_certificate_that_is_not_trusted_is_told(bare, dovecot, protocol, tls):
    port = dovecot.port(protocol, tls)
    said = check(bare, 1, protocol, port, tls).err
    where = f"backend {protocol} localhost:{port}"
    assert said.startswith(f"{where}: failed: the certificate is not accepted: ")


@pytest.mark.parametrize(
    ("protocol", "command"),
    [("imap", "STARTTLS"), ("pop3", "STLS"), ("smtp", "STARTTLS"), ("sieve", "STARTTLS")],
)
def test_stls_08_a_server_that_refuses_starttls_is_told(bare, dovecot, protocol, command):
    said = check(bare, 1, protocol, dovecot.port(protocol, "none"), "starttls").err
    question = f'are protocol = "{protocol}" and tls = "starttls" right for this port?'
    assert f": failed: the backend refused {command}" in said
    assert said.endswith(f"; {question}\n")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_port_without_tls_from_the_first_byte_is_told(bare, dovecot, protocol):
    said = check(bare, 1, protocol, dovecot.port(protocol, "starttls"), "implicit").err
    assert ": failed: no TLS: " in said


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("spoken", PROTOCOLS)
def test_a_server_that_speaks_another_protocol_is_told(bare, dovecot, protocol, spoken):
    said = check(bare, int(protocol != spoken), protocol, dovecot.port(spoken, "none"), "none").err
    assert (": failed: the backend " in said) is (protocol != spoken)
    assert (f'are protocol = "{protocol}" and tls = "none" right' in said) is (protocol != spoken)
