"""Attacks by SASL over the wire: nothing malformed reaches the store's answer or the backend."""

import asyncio
import base64

import pytest

from tests.gateway.dialects import plain
from tests.gateway.site import GOOD, MAIN, QUICK

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = QUICK + "failed_logins = 100\n"
DORA = "dora@example.test"


@pytest.fixture(scope="module", autouse=True)
def dora(standing_site):
    """Her main password is the backend's to judge, so whatever passes the gateway is seen there."""
    return standing_site.people.add(DORA, "disabled")


async def authenticate(site, response):
    client = await site.connect()
    await client.send(site.dialect.authenticate(response))
    return await client.line()


@pytest.mark.parametrize("control", [*range(1, 32), 127])
async def test_sasl_01_no_control_character_in_a_credential_reaches_the_backend(site, control):
    octet = bytes([control])
    evil = [b"x" + octet + b"DELE 1", octet + b"x", b"x" + octet]
    attempts = [authenticate(site, plain(DORA, one)) for one in evil]
    attempts += [authenticate(site, plain(DORA.encode() + one, MAIN)) for one in evil]
    assert set(await asyncio.gather(*attempts)) == {site.dialect.refused}
    assert site.backend.connections == []


async def test_sasl_02_nobody_acts_for_another(site):
    for message in (
        plain(GOOD, site.good.secret, b"victim@example.test"),
        plain(GOOD, site.good.secret, DORA.encode()),
        plain(DORA, MAIN, b"x"),
    ):
        assert (await authenticate(site, message)).startswith(site.dialect.malformed)
    assert site.logins() == []
    assert site.backend.connections == []


async def test_sasl_03_an_empty_name_never_falls_back_to_the_authzid(site):
    for response in (b"YWRtaW4AAHBhc3N3b3Jk", plain("", site.good.secret, GOOD.encode())):
        assert (await authenticate(site, response)).startswith(site.dialect.malformed)
    assert site.backend.connections == []


@pytest.mark.parametrize("message", [b"x", b"x\0y", b"\0x\0y\0", b"\0x\0y\0z\0"])
async def test_sasl_04_a_wrong_number_of_nuls_is_malformed(site, message):
    answer = await authenticate(site, base64.b64encode(message))
    assert answer.startswith(site.dialect.malformed)
    assert site.backend.connections == []


@pytest.mark.parametrize("user", [DORA, GOOD, "nobody@example.test"])
async def test_sasl_04_an_empty_password_is_refused_before_anybody_is_asked(site, user):
    assert await site.told(user, "") == site.dialect.refused
    assert {line["reason"] for line in site.logins()} == {"malformed"}
    assert site.backend.connections == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda right: right[:8] + b"!" + right[8:],
        lambda right: right.rstrip(b"=") + b"A" * (4 - len(right.rstrip(b"=")) % 4) + b"=",
        lambda right: right + b"AAAA=AAA",
        lambda _: b"====",
        lambda right: b"_-" + right[2:],
    ],
    ids=["illegal character", "padding", "garbage", "padding alone", "for addresses"],
)
async def test_sasl_05_malformed_base64_leaves_nothing_behind(site, spoil):
    client = await site.connect()
    await client.send(site.dialect.authenticate(spoil(plain(GOOD, site.good.secret))))
    assert (await client.line()).startswith(site.dialect.malformed)
    assert site.logins() == []
    await client.send(site.dialect.login(GOOD, site.good.secret))
    assert (await client.line()).startswith(site.dialect.accepted)


@pytest.mark.parametrize(
    "mechanism", [b"EXTERNAL", b"CRAM-MD5", b"NTLM", b"GSSAPI", b"XOAUTH2", b"ANONYMOUS"]
)
async def test_sasl_08_a_mechanism_that_is_not_offered_reaches_nobody(site, mechanism):
    client = await site.connect()
    await client.send(
        site.dialect.authenticate(b"")
        .replace(b' ""', b"")
        .replace(b"PLAIN ", mechanism)
        .replace(b"PLAIN", mechanism)
    )
    assert not (await client.line()).startswith(site.dialect.accepted)
    assert site.backend.connections == []


@pytest.mark.parametrize("size", [72, 73, 1024])
async def test_sasl_11_a_long_password_is_passed_on_to_its_last_octet(site, size):
    long = ("0123456789" * 103)[:size]
    site.backend.passwords = {DORA: long}
    assert (await site.told(DORA, long)).startswith(site.dialect.accepted)
    assert await site.told(DORA, long[:-1] + "x") == site.dialect.refused


@pytest.mark.parametrize("word", ["%u", "$(id)", "' OR 1=1 --", "*)(uid=*", 'quo"te\\back', "späß €"])
async def test_sasl_12_a_password_that_looks_like_a_program_is_passed_on_as_it_is(site, word):
    site.backend.passwords = {DORA: word}
    assert (await site.told(DORA, word)).startswith(site.dialect.accepted)
    [seen] = site.backend.connections[0].logins
    assert (seen.login, seen.password) == (DORA, word)
