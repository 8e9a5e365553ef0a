"""The demo's certificate authority: what it writes is trusted, by name and by address."""

import socket
import ssl
import stat

import pytest

from gateway.demo import ca


def handshake(files, name):
    """A whole TLS handshake in memory; raises what a client would see."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)
    trusting = ssl.create_default_context(cafile=str(files.ca))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        trusting.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while ends:
        end = ends.pop(0)
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            ends.append(end)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "mail.example.test", socket.gethostname()])
def test_a_client_that_trusts_the_authority_accepts_the_server_by_each_name(tmp_path, name):
    handshake(ca.create(tmp_path), name)


def test_another_name_is_refused(tmp_path):
    with pytest.raises(ssl.SSLCertVerificationError, match="match"):
        handshake(ca.create(tmp_path), "example.org")


def test_the_key_is_readable_by_its_owner_alone_even_where_a_file_was(tmp_path):
    (tmp_path / "key.pem").write_text("old")
    (tmp_path / "key.pem").chmod(0o644)
    files = ca.create(tmp_path)
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"ca.pem", "certificate.pem", "key.pem"}
