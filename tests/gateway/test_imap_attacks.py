"""Attacks in IMAP over the wire, before the login and on the backend's side."""

import asyncio

import pytest

from tests.gateway.client import quoted
from tests.gateway.site import GOOD, QUICK, REFUSAL, UNAVAILABLE
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = QUICK
DORA = "dora@example.test"
AWKWARD = 'a"b\\c{3}'


@pytest.fixture(scope="module", autouse=True)
def dora(standing_site):
    standing_site.people.add(DORA, "disabled")


@pytest.mark.parametrize(
    "size", [b"400000000", b"2147483648", b"4294967296", b"9" * 19, b"9" * 400, b"-1", b"", b"0x10", b"4097"]
)
async def test_imap_01_a_literal_bomb_is_bad_and_costs_no_memory(site, size):
    client = await site.connect()
    before = site.memory_kib()
    assert (await client.answer(b"LOGIN {" + size + b"}")).startswith(b"a BAD ")
    assert (await client.answer(b"ID (" + b"{" + size + b"}")).startswith(b"a BAD ")
    assert site.memory_kib() - before < 1024
    assert (await client.login(GOOD, site.good.secret, tag=b"b")).startswith(b"b OK ")


@pytest.mark.parametrize("size", [b"4097+", b"400000000+", b"9" * 19 + b"+"])
async def test_imap_02_a_long_literal_that_doesnt_wait_ends_the_connection_and_is_not_run(site, size):
    client = await site.connect()
    await client.send(b"a LOGIN {" + size + b"}\r\nb LOGOUT\r\n" + b"c NOOP\r\n" * 100)
    assert await client.rest() == b"* BYE Literal too long\r\n"


async def test_imap_01_many_literals_in_one_command_are_bounded(site):
    client = await site.connect()
    before = site.memory_kib()
    await client.send(b"a LOGIN {4096+}\r\n" + (b"x" * 4096 + b" {4096+}\r\n") * 1000)
    assert await client.rest() in (b"", b"* BYE Literal too long\r\n")  # a reset may overtake it
    assert site.memory_kib() - before < 1024


@pytest.mark.parametrize("begin", [b"", b"a LOGIN ", b'a LOGIN "'])
async def test_imap_05_a_line_without_end_is_cut_at_the_cap(site, begin):
    client = await site.connect()
    await client.send(begin + b"x" * (64 << 10))
    assert await client.rest() == b"* BYE Line too long\r\n"


async def test_imap_05_ten_mebibytes_without_end_cost_no_memory(site):
    client = await site.connect()
    before = site.memory_kib()
    sending = asyncio.ensure_future(client.send(b"x" * (10 << 20)))
    assert await client.rest() in (b"", b"* BYE Line too long\r\n")  # a reset may overtake it
    await asyncio.gather(sending, return_exceptions=True)
    assert site.memory_kib() - before < 1024


async def test_imap_05_ten_mebibytes_in_one_command_after_another_cost_no_memory(site):
    client = await site.connect()
    before = site.memory_kib()
    for _ in range(640):
        await client.send(b"a NOOP" + b" " * 16_000 + b"\r\n")
        assert await client.line() == b"a OK Nothing done\r\n"
    assert site.memory_kib() - before < 1024


@pytest.mark.parametrize("junk", [b"nonsense", b"a NONSENSE", b"a LOGIN", b"", b"a", b"a SELECT INBOX"])
async def test_imap_06_the_third_bad_command_ends_the_connection(site, junk):
    client = await site.connect()
    await client.send((junk + b"\r\n") * 3)
    *bad, bye = (await client.rest()).splitlines()
    assert [line.split()[1] for line in bad] == [b"BAD"] * 3
    assert bye == b"* BYE Too many bad commands"


@pytest.mark.parametrize("capability", ["IMAP4rev1 AUTH=PLAIN SASL-IR", "IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"])
@pytest.mark.parametrize("form", ["quoted", "literal", "unasked literal", "bare"])
async def test_imap_07_an_awkward_password_arrives_unharmed(site, capability, form):
    site.backend.capability, site.backend.passwords = capability, {DORA: AWKWARD}
    client = await site.connect()
    words = {
        "quoted": quoted(AWKWARD),
        "unasked literal": b"{8+}\r\n" + AWKWARD.encode(),
        "bare": AWKWARD.encode(),
    }
    if form == "literal":
        await client.send(b"a LOGIN " + DORA.encode() + b" {8}\r\n")
        assert await client.line() == b"+ OK\r\n"
        await client.send(AWKWARD.encode() + b"\r\n")
    else:
        await client.send(b"a LOGIN " + DORA.encode() + b" " + words[form] + b"\r\n")
    assert (await client.line()).startswith(b"a OK ")


async def test_imap_07_an_awkward_name_arrives_unharmed(site):
    name = site.people.add('a"b{3}@example.test', "disabled")
    assert (await site.login(name, "pw")).startswith(b"OK ")
    assert site.backend.connections[0].logins[0].login == name


@pytest.mark.parametrize("tag", [b"*", b"+", b"", b"a\rb", b"a\0b", b"t" * 1024, b"a(b", b'a"b', b"\xc3\xa4"])
async def test_imap_08_a_tag_that_is_none_is_bad_and_not_sent_back(site, tag):
    client = await site.connect()
    await client.send(tag + b" NOOP\r\n")
    assert (await client.line()).startswith(b"* BAD ")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"* OK logged in\r\n{tag} NO no\r\n", REFUSAL),
        (b"w1 OK logged in\r\n{tag} NO no\r\n", REFUSAL),
        (b"+ {tag} OK logged in\r\n{tag} NO no\r\n", UNAVAILABLE),
        (b"b OK logged in\r\n{tag} NO no\r\n", UNAVAILABLE),
        (b"{tag}0 OK logged in\r\n{tag} NO no\r\n", UNAVAILABLE),
        (b"OK logged in\r\n{tag} NO no\r\n", UNAVAILABLE),
        (b"\r\n{tag} NO no\r\n", UNAVAILABLE),
        (b"* 5 FETCH (BODY[] {11}\r\n{tag} OK in\r\n1)\r\n{tag} NO no\r\n", REFUSAL),
    ],
)
async def test_imap_09_only_the_answer_with_the_logins_own_tag_counts(site, said, expected):
    site.backend.script["AUTHENTICATE"] = Reply(said, Then.SILENCE)
    assert await site.login(DORA, "pw") == expected


@pytest.mark.parametrize("before", [b"* OK still here\r\n", b"* 3 EXISTS\r\n", b"* NO a warning\r\n"])
async def test_imap_09_what_comes_before_it_does_no_harm(site, before):
    site.backend.script["AUTHENTICATE"] = Reply(before + b"{tag} OK in\r\n", Then.LOGGED_IN)
    client = await site.connect()
    assert await client.login(DORA, "pw") == b"a OK in\r\n"
    assert await client.answer(b"NOOP", b"b") == b"b OK done\r\n"


@pytest.mark.parametrize("port", ["imap", "imaps"])
async def test_alpn_02_a_browser_is_sent_away_and_gets_nothing_of_its_own_back(site, port):
    client = await site.connect(port)
    await client.send(
        b"POST /<script>alert(1)</script> HTTP/1.1\r\nHost: example.test\r\n"
        b"Content-Type: text/plain\r\n\r\n<script>alert(1)</script>\r\n" * 3
    )
    said = await client.rest()
    assert said.endswith(b"* BYE Too many bad commands\r\n")
    assert said.count(b"\r\n") == 4
    assert b"script" not in said
    assert b"/" not in said
    assert b"example.test" not in said
