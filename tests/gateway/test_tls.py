"""What the TLS of a listener takes, and what it doesn't."""

import pytest

from tests.gateway.s_client import s_client
from tests.gateway.site import GOOD, QUICK, old_client_context
from tests.servers.certificates import Authority

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = QUICK


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
async def test_tls_01_versions_before_1_2_are_refused(site, version):
    said = await s_client(site.gateway.imaps, version, "-cipher", "DEFAULT@SECLEVEL=0")
    assert b"alert protocol version" in said
    assert b"* OK" not in said


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_tls_01_version_1_2_and_later_are_taken(site, version):
    said = await s_client(site.gateway.imaps, version, "-ign_eof", say=b"a LOGOUT\r\n")
    assert b"a OK Logged out" in said


@pytest.mark.parametrize(
    "ciphers", ["AES128-SHA", "ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA256", "aNULL"]
)
async def test_tls_02_only_forward_secret_authenticated_encryption_is_taken(site, ciphers):
    said = await s_client(site.gateway.imaps, "-tls1_2", "-cipher", f"{ciphers}:@SECLEVEL=0")
    assert b"alert handshake failure" in said


async def test_tls_03_a_client_may_not_renegotiate(site):
    said = await s_client(site.gateway.imaps, "-tls1_2", say=b"R\n")
    assert b"RENEGOTIATING" in said
    assert b"no renegotiation" in said


async def test_tls_03_nothing_is_compressed_and_nothing_comes_early(site):
    for version in ("-tls1_2", "-tls1_3"):
        said = await s_client(site.gateway.imaps, version, say=b"Q\n")
        assert b"Compression: NONE" in said
        assert b"Max Early Data: 0" in said or version == "-tls1_2"


@pytest.mark.parametrize(
    "nonsense", [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 64, b"\x16\x03\x01\xff\xff" + b"x" * 70000]
)
async def test_tls_06_what_is_no_client_hello_ends_the_connection(site, nonsense):
    client = await site.connect(greeted=False)
    await client.send(nonsense)
    await client.rest()
    line = await site.until_log('event="client turned away"')
    assert "listener=imaps" in line


async def test_alpn_01_a_mail_protocol_is_agreed_on(site):
    context = site.gateway.client_context()
    context.set_alpn_protocols(["imap"])
    client = await site.connect(tls=context)
    assert client.tls.selected_alpn_protocol() == "imap"


async def test_a_certificate_that_the_client_does_not_trust_harms_nobody(site, tmp_path):
    with pytest.raises(OSError):
        await site.connect(tls=Authority(tmp_path).client_context())
    client = await site.connect(tls=old_client_context())
    assert (await client.login(GOOD, site.good.secret)).startswith(b"a OK ")
