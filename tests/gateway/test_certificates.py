"""Certificates that change on disk while the gateway runs: who sees which, and what the log says."""

import asyncio
import os
import shutil
import socket
import ssl

import pytest
import pytest_asyncio
import trustme

from tests.gateway.client import Client
from tests.gateway.s_client import s_client
from tests.gateway.site import QUICK, old_client_context, open_site
from tests.servers.certificates import Authority, Pair
from tests.servers.ports import free_ports

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMED = "imap.example.net"
TAKEN = 'event="certificate read again"'
NOT_TAKEN = 'event="changed certificate not used; clients see the one before. Put the files right"'
STARTTLS = ("imap", "pop3", "smtp", "sieve")
PORTS = dict(zip(STARTTLS, free_ports(4), strict=True))
LISTENER = """
[[listener]]
protocol = "{protocol}"
name = "starttls-{protocol}"
address = "127.0.0.1:{port}"
tls = "starttls"
"""
# Nobody logs in there: what counts comes before that.
BACKEND = """
[[backend]]
protocol = "{protocol}"
address = "127.0.0.1:{port}"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""
SETTINGS = (
    QUICK
    + "[[tls.sni]]\nnames = ['IMAP.example.net']\n"
    + "certificate = '{folder}/named/server.pem'\nkey = '{folder}/named/server.key'\n"
    + "".join(LISTENER.format(protocol=protocol, port=port) for protocol, port in PORTS.items())
    + BACKEND.replace("{protocol}", "imap")
    + "".join(BACKEND.format(protocol=protocol, port=1) for protocol in STARTTLS[1:])
)
ASK_FOR_TLS = {
    "imap": ((b"a STARTTLS\r\n", b"a OK"),),
    "pop3": ((b"STLS\r\n", b"+OK"),),
    "smtp": ((b"EHLO client.example.test\r\n", b"250 "), (b"STARTTLS\r\n", b"220 ")),
    "sieve": ((b"STARTTLS\r\n", b"OK"),),
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    """Of this module alone: what lies in its folder is changed."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing_site(tmp_path_factory, authority):
    folder = tmp_path_factory.mktemp("site")
    (folder / "named").mkdir()
    Authority(folder / "named").server(NAMED)
    async with open_site(folder, SETTINGS, authority) as site:
        yield site


@pytest.fixture
def named(site) -> Authority:
    """Another authority, for the name of [[tls.sni]]."""
    return Authority(site.gateway.folder / "named")


@pytest.fixture
def pair(authority) -> Pair:
    """The files of [tls]."""
    return Pair(authority.folder / "server.pem", authority.folder / "server.key")


def leaf(pair: Pair) -> bytes:
    """The certificate in the file, without its chain."""
    pem = pair.certificate.read_text()
    return ssl.PEM_cert_to_DER_cert(pem[: pem.index("-----END") + len("-----END CERTIFICATE-----")])


async def shown(port: int, name: str = "localhost", **options) -> bytes:
    """The certificate that a new client sees which asks for this name."""
    return await asyncio.to_thread(_shown, port, name, **options)


def _shown(port: int, name: str, ciphers: str = "") -> bytes:
    context = old_client_context()
    if ciphers:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(ciphers)
    with (
        socket.create_connection(("127.0.0.1", port), 20) as plain,
        context.wrap_socket(plain, server_hostname=name) as tls,
    ):
        certificate = tls.getpeercert(binary_form=True)
    assert certificate is not None
    return certificate


async def greeted(protocol: str) -> Client:
    """A client of the listener with STARTTLS, as far as the command that asks for it."""
    client = await Client.connect(PORTS[protocol])
    await client.until(b"OK" if protocol == "sieve" else b"\r\n")
    return client


async def shown_after_starttls(protocol: str, client: Client) -> bytes:
    for command, answer in ASK_FOR_TLS[protocol]:
        await client.send(command)
        while not (line := await client.line()).startswith(answer):
            assert line, "the gateway closed the connection"
    await client.start_tls(old_client_context())
    assert client.tls is not None
    certificate = client.tls.getpeercert(binary_form=True)
    client.abort()
    assert certificate is not None
    return certificate


async def until_logged(site, event: str, times: int = 1) -> None:
    async with asyncio.timeout(45):
        while site.log().count(event) < times:  # noqa: ASYNC110 (it's another process)
            await asyncio.sleep(0.01)


def written_in_place(authority: Authority, pair: Pair) -> None:
    authority.server()


def put_in_place(authority: Authority, pair: Pair) -> None:
    """As a careful script does: whole files, by renaming."""
    for file in (pair.certificate, pair.key):
        shutil.copy2(file, file.with_suffix(".old"))
        file.unlink()
    authority.server()


def turned_links(authority: Authority, pair: Pair) -> None:
    """As certbot does: the files are links into an archive."""
    authority.server()
    archive = authority.folder / "archive"
    archive.mkdir()
    for file in (pair.certificate, pair.key):
        shutil.move(file, archive)
        file.symlink_to(archive / file.name)


@pytest.mark.parametrize("renew", [written_in_place, put_in_place, turned_links])
async def test_a_renewed_certificate_is_seen_by_new_handshakes_and_old_sessions_go_on(
    site, authority, pair, renew
):
    before = leaf(pair)
    session = await site.logged_in()
    assert session.tls.getpeercert(binary_form=True) == before
    renew(authority, pair)
    await until_logged(site, TAKEN)
    assert await shown(site.gateway.imaps) == leaf(pair) != before
    assert await session.answer(b"NOOP") == b"a OK done\r\n"
    assert NOT_TAKEN not in site.log()
    assert f"table=tls file={pair.certificate}" in site.log()


async def test_who_starts_tls_sees_it_too_though_the_connection_is_older(site, authority, pair):
    waiting = {protocol: await greeted(protocol) for protocol in STARTTLS}
    authority.server()
    await until_logged(site, TAKEN)
    for protocol, client in waiting.items():
        assert await shown_after_starttls(protocol, client) == leaf(pair)
        assert await shown_after_starttls(protocol, await greeted(protocol)) == leaf(pair)


def another_key(authority: Authority, pair: Pair) -> None:
    key = trustme.CA().issue_cert("localhost").private_key_pem
    key.write_to_path(pair.key)


def half_a_certificate(authority: Authority, pair: Pair) -> None:
    pair.certificate.write_bytes(pair.certificate.read_bytes()[:300])


def a_key_that_all_may_read(authority: Authority, pair: Pair) -> None:
    authority.server()
    pair.key.chmod(0o644)


BROKEN = {
    another_key: "does not belong to the certificate in",
    half_a_certificate: "can't be loaded",
    a_key_that_all_may_read: "close it with: chmod o= ",
}


@pytest.mark.parametrize("spoil", BROKEN, ids=lambda spoil: spoil.__name__)
async def test_a_broken_pair_is_told_once_and_taken_when_it_is_good_again(site, authority, pair, spoil):
    before = leaf(pair)
    spoil(authority, pair)
    line = await site.until_log(NOT_TAKEN)
    assert "level=warning" in line
    assert "table=tls problem=" in line
    assert BROKEN[spoil] in line
    assert await shown(site.gateway.imaps) == before
    if spoil is a_key_that_all_may_read:
        pair.key.chmod(0o600)
    else:
        authority.server()
    await until_logged(site, TAKEN)
    assert await shown(site.gateway.imaps) == leaf(pair) != before
    assert site.log().count(NOT_TAKEN) == 1


async def test_each_certificate_is_read_for_itself(site, authority, pair, named):
    default, for_name = leaf(pair), await shown(site.gateway.imaps, NAMED)
    assert for_name != default
    named.untrusted().key.replace(named.folder / "server.key")  # of another certificate
    authority.server()
    await until_logged(site, TAKEN)
    line = await site.until_log(NOT_TAKEN)
    assert 'table="tls.sni[0]"' in line or "table=tls.sni[0]" in line
    assert await shown(site.gateway.imaps) == leaf(pair) != default
    assert await shown(site.gateway.imaps, NAMED) == for_name
    renewed = named.server(NAMED)
    await until_logged(site, TAKEN, times=2)
    assert await shown(site.gateway.imaps, NAMED.upper()) == leaf(renewed) != for_name
    assert await shown(site.gateway.imaps) == leaf(pair)


async def test_a_key_of_another_kind_leaves_nothing_of_the_one_before(site, authority, pair):
    assert await shown(site.gateway.imaps, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256") == leaf(pair)
    made = trustme.CA().issue_cert("localhost", key_type=trustme.KeyType.RSA)
    made.cert_chain_pems[0].write_to_path(pair.certificate)
    made.private_key_pem.write_to_path(pair.key)
    await until_logged(site, TAKEN)
    assert await shown(site.gateway.imaps, ciphers="ECDHE-RSA-AES128-GCM-SHA256") == leaf(pair)
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        await shown(site.gateway.imaps, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256")
    authority.server()
    await until_logged(site, TAKEN, times=2)


@pytest.mark.parametrize("name", [b"\xff\xfe", "imap.m\u00fcller.example".encode(), b"imap.example.net\x80"])
async def test_dos_11_a_name_that_is_no_ascii_ends_its_handshake_and_writes_one_line_at_most(site, name):
    written = len(site.log().splitlines())
    said = await s_client(site.gateway.imaps, "-servername", os.fsdecode(name))
    assert b"BEGIN CERTIFICATE" in said or b"alert internal error" in said
    await site.until_log('event="client turned away"')
    await site.lets_a_good_login_in()
    [line] = [one for one in site.log().splitlines()[written:] if "event=login" not in one]
    assert "listener=imaps" in line
    assert "reason=" in line
