"""Who gets in with which tls_profile, by handshakes of OpenSSL that offer what these clients offer."""

import pytest
import pytest_asyncio
import trustme

from tests.gateway.client import Client
from tests.gateway.s_client import s_client
from tests.gateway.site import GOOD, QUICK, fields, old_client_context, open_site
from tests.servers.ports import free_ports

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROFILES = ("modern", "intermediate", "legacy")
PORTS = dict(zip((*PROFILES, "starttls"), free_ports(4), strict=True))
LISTENER = """
[[listener]]
protocol = "imap"
name = "{name}"
address = "127.0.0.1:{port}"
tls = "{tls}"
tls_profile = "{profile}"
"""
ANYTHING = "ALL:@SECLEVEL=0"
# What Windows 7 offers with TLS 1.0, as far as OpenSSL still knows it.
WINDOWS_7 = (
    "AES128-SHA:AES256-SHA:ECDHE-RSA-AES256-SHA:ECDHE-RSA-AES128-SHA:"
    "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0"
)
CLIENTS = {
    "Outlook 2010 on Windows 7": ("-tls1", WINDOWS_7, ["legacy"]),
    "a device with TLS 1.1": ("-tls1_1", ANYTHING, ["legacy"]),
    "TLS 1.2 without forward secrecy": ("-tls1_2", "AES128-SHA", ["intermediate", "legacy"]),
    "TLS 1.2 without forward secrecy, AEAD": ("-tls1_2", "AES128-GCM-SHA256", ["intermediate", "legacy"]),
    "TLS 1.2 with SHA-1": ("-tls1_2", "ECDHE-RSA-AES256-SHA", ["intermediate", "legacy"]),
    "TLS 1.2 with CBC": ("-tls1_2", "ECDHE-RSA-AES128-SHA256", ["intermediate", "legacy"]),
    "TLS 1.2 of today": ("-tls1_2", "ECDHE-RSA-AES128-GCM-SHA256", PROFILES),
    "TLS 1.3": ("-tls1_3", ANYTHING, PROFILES),
}
# A ClientHello of SSL 3.0 that offers AES128-SHA; OpenSSL as Debian builds it can't send one.
SSL_3 = b"\x16\x03\x00\x00\x2d\x01\x00\x00\x29\x03\x00" + bytes(32) + b"\0\0\x02\x00\x2f\x01\0"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing_site(tmp_path_factory, authority):
    """Its certificate has an RSA key: old devices know no other, and ask for no name."""
    folder = tmp_path_factory.mktemp("profiles")
    made = trustme.CA().issue_cert("localhost", key_type=trustme.KeyType.RSA)
    made.cert_chain_pems[0].write_to_path(folder / "rsa.pem")
    (folder / "rsa.key").touch(0o600)
    made.private_key_pem.write_to_path(folder / "rsa.key")
    (folder / "conf.d").mkdir()
    (folder / "conf.d" / "rsa.toml").write_text('[tls]\ncertificate = "../rsa.pem"\nkey = "../rsa.key"\n')
    listeners = "".join(
        LISTENER.format(name=name, port=port, profile=name, tls="implicit")
        for name, port in PORTS.items()
        if name in PROFILES
    ) + LISTENER.format(name="starttls", port=PORTS["starttls"], profile="legacy", tls="starttls")
    async with open_site(folder, QUICK + listeners, authority) as site:
        site.gateway.client_context = old_client_context
        yield site


def log_in(site):
    return b'a LOGIN "%b" "%b"\r\nb LOGOUT\r\n' % (GOOD.encode(), site.good.secret.encode())


def ciphers(version, offered):
    return ("-ciphersuites", "TLS_AES_128_GCM_SHA256") if version == "-tls1_3" else ("-cipher", offered)


@pytest.mark.parametrize(
    ("client", "profile"), [(name, profile) for name, one in CLIENTS.items() for profile in one[2]]
)
async def test_a_client_that_the_profile_is_for_logs_in(site, client, profile):
    version, offered, _ = CLIENTS[client]
    said = await s_client(PORTS[profile], version, *ciphers(version, offered), "-ign_eof", say=log_in(site))
    assert b"a OK " in said
    [line] = site.logins()
    assert (line["listener"], line["verdict"]) == (profile, "admitted")
    versions = {"-tls1": "TLSv1", "-tls1_1": "TLSv1.1", "-tls1_2": "TLSv1.2", "-tls1_3": "TLSv1.3"}
    assert line["tls"] == versions[version]


@pytest.mark.parametrize(
    ("client", "profile"),
    [(name, profile) for name, one in CLIENTS.items() for profile in PROFILES if profile not in one[2]],
)
async def test_tls_01_a_client_that_the_profile_is_not_for_is_refused(site, client, profile):
    version, offered, _ = CLIENTS[client]
    said = await s_client(PORTS[profile], version, *ciphers(version, offered))
    expected = b"alert handshake failure" if version == "-tls1_2" else b"alert protocol version"
    assert expected in said
    assert b"* OK" not in said
    assert fields(await site.until_log('event="client turned away"'))["listener"] == profile


async def test_outlook_2010_on_windows_7_may_start_tls_where_the_listener_is_legacy(site):
    port = PORTS["starttls"]
    said = await s_client(port, "-starttls", "imap", "-tls1", "-cipher", WINDOWS_7)
    assert b"New, TLSv1.0, Cipher is " in said


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("offered", ["aNULL", "eNULL"])
@pytest.mark.parametrize("version", ["-tls1", "-tls1_2"])
async def test_tls_02_no_profile_takes_ciphers_without_encryption_or_certificate(
    site, version, offered, profile
):
    said = await s_client(PORTS[profile], version, "-cipher", f"{offered}:@SECLEVEL=0")
    too_old = version == "-tls1" and profile != "legacy"
    assert (b"alert protocol version" if too_old else b"alert handshake failure") in said
    assert b"* OK" not in said


@pytest.mark.parametrize("profile", PROFILES)
async def test_tls_01_no_profile_takes_ssl_3(site, profile):
    client = await Client.connect(PORTS[profile], first=SSL_3)
    said = await client.rest()
    client.abort()
    assert said[:1] == b"\x15"  # an alert, and nothing else (RFC 6101, section 5.4)
    assert len(said) == 7


async def test_legacy_gives_others_the_best_they_have(site):
    said = await s_client(PORTS["legacy"], "-cipher", ANYTHING)
    assert b"New, TLSv1.3, Cipher is " in said
    said = await s_client(PORTS["legacy"], "-tls1_2", "-cipher", "AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256")
    assert b"New, TLSv1.2, Cipher is ECDHE-RSA-AES128-GCM-SHA256" in said


async def test_tls_04_legacy_lets_nobody_be_talked_down_to_an_older_version(site):
    said = await s_client(PORTS["legacy"], "-tls1_1", "-fallback_scsv", "-cipher", ANYTHING)
    assert b"alert inappropriate fallback" in said
