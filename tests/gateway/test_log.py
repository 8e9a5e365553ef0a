"""What the log tells, what it can't be made to tell, and what it never tells."""

import asyncio
import base64
from pathlib import Path

import pytest

from tests.gateway.client import quoted
from tests.gateway.site import BACKEND_SECRET, GOOD, QUICK, REFUSAL, fields
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = QUICK + '\n[log]\nlevel = "debug"\n'
DORA = "dora@example.test"
CANARY = "Canary-7f3a9c: main password"
EVIL = [
    'x rip=192.0.2.1, lip=192.0.2.2, address=192.0.2.3 reason="',
    'x" address=192.0.2.3 verdict=admitted user="',
    "x\u2028event=login address=192.0.2.3",
    "x\u0085y\u202ez\ufeff",
    '{"event": "login"}',
    "back\\slash \\n \\u0041",
    "x" * 255,
]


@pytest.fixture(scope="module", autouse=True)
def dora(standing_site):
    return standing_site.people.add(DORA, "disabled")


async def test_every_login_is_one_line_with_all_there_is_to_know(site):
    client = await site.connect()
    await client.answer(b'ID ("name" "Outlook" "version" "14.0")')
    assert (await client.login(GOOD, site.good.secret)).startswith(b"a OK ")
    [line] = site.logins()
    ms = line.pop("ms")
    assert 0 < float(ms) < 60_000
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "level": "info",
        "event": "login",
        "protocol": "imap",
        "listener": "imaps",
        "user": GOOD,
        "app_password": site.good.name,
        "app_password_id": site.good.id,
        "address": "127.0.0.1",
        "port": str(client.address[1]),
        "tls": "TLSv1.3",
        "client": "Outlook 14.0",
        "verdict": "admitted",
        "reason": "",
    }


async def test_ten_logins_are_ten_lines(site):
    async def fail():
        assert await site.login("nobody@example.test", "x") == REFUSAL

    async def succeed():
        assert (await site.login(GOOD, site.good.secret)).startswith(b"OK ")

    await asyncio.gather(*(one() for _ in range(5) for one in (fail, succeed)))
    assert sorted(line["verdict"] for line in site.logins()) == ["admitted"] * 5 + ["refused"] * 5


@pytest.mark.parametrize(
    "name", [*EVIL, "x\r\ntimestamp=2026-01-01 event=login", "x\ny", "x\0y", "\x1b[2J\x07"]
)
async def test_sec_02_a_users_name_can_neither_break_nor_imitate_a_line(site, name):
    octets = name.encode()
    client = await site.connect()
    await client.send(b"a LOGIN {%d+}\r\n%b x\r\n" % (len(octets), octets))
    assert await client.line() == b"a " + REFUSAL
    [line] = site.logins()
    assert (line["user"], line["address"], line["verdict"]) == (name, "127.0.0.1", "refused")


@pytest.mark.parametrize("name", [*EVIL[:-1], "x\ty", "\x1b[2J"])
async def test_sec_02_a_clients_name_can_neither_break_nor_imitate_a_line(site, name):
    client = await site.connect()
    value = name.encode()
    answer = await client.answer(b'ID ("name" {%d+}\r\n%b)' % (len(value), value))
    await client.login("nobody@example.test", "x")
    [line] = site.logins()
    assert answer == b"a OK ID completed\r\n"
    shown = "".join(letter for letter in name if " " <= letter <= "~")
    assert (line["client"], line["address"], line["user"]) == (shown, "127.0.0.1", "nobody@example.test")


@pytest.mark.parametrize("text", [b"no\x1b[2J", b"no\x85\xe2\x80\xa8", b'no" level=info event=login "'])
async def test_sec_02_a_backends_words_can_neither_break_nor_imitate_a_line(site, text):
    site.backend.script["AUTHENTICATE"] = Reply(b"{tag} BAD " + text + b"\r\n")
    await site.login(DORA, "x")
    [line] = site.logins()
    assert line["reason"] == "backend-unavailable"
    assert "\x1b" not in site.log()
    assert all(fields(one).get("event") for one in site.log().split("\n") if one)


async def test_sec_02_octets_that_are_no_text_are_shown_as_escapes(site):
    client = await site.connect()
    await client.send(b"a LOGIN {2+}\r\n\xff\xfe x\r\n")
    assert await client.line() == b"a " + REFUSAL
    [line] = site.logins()
    assert line["user"] == "\\xff\\xfe"


def spellings(secret):
    """All the forms in which a secret might be found."""
    octets = secret.encode()
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    forms = {secret, secret.upper(), " ".join(groups), "-".join(groups), octets.hex(), repr(octets)[2:-1]}
    forms |= {base64.b64encode(octets[:size]).decode().rstrip("=")[:-1] for size in (9, len(octets))}
    forms |= {quoted(secret).decode()[1:-1]}
    return forms


def messages(user, secret):
    """SASL's messages with the secret in them, as they stand on the line."""
    plain = base64.b64encode(f"\0{user}\0{secret}".encode())
    return plain, base64.b64encode(secret.encode())


async def log_in_by_every_way(site, user, secret):
    plain, password = messages(user, secret)
    name = base64.b64encode(user.encode())
    commands = [
        b"LOGIN " + quoted(user) + b" " + quoted(secret),
        b"LOGIN " + quoted(user) + b" {%d+}\r\n" % len(secret) + secret.encode(),
        b"LOGIN " + quoted(user) + b" " + quoted(secret) + b" " + quoted(secret),
        b"LOGIN " + quoted(secret) + b" " + quoted(secret),
        b"AUTHENTICATE PLAIN " + plain,
        b"AUTHENTICATE PLAIN " + plain + b"!",
        b"AUTHENTICATE PLAIN " + plain[:-4],
        b"AUTHENTICATE LOGIN " + name + b"\r\n" + password,
        secret.encode(),
    ]
    for command in commands[:3] + commands[4:]:
        client = await site.connect()
        await client.answer(command)
        client.abort()
    in_clear = await site.connect("imap")
    for command in commands[:3] + commands[4:7]:
        await in_clear.answer(command)


def shown_of_process(pid):
    """What others can see of it."""
    return {name: Path(f"/proc/{pid}/{name}").read_text() for name in ("cmdline", "environ")}


async def test_sec_01_no_secret_is_in_the_log_or_in_the_process(site):
    given = site.people.give(GOOD, deleted=True)
    cases = [(GOOD, site.good.secret), (GOOD, given.secret), (DORA, CANARY), ("nobody@example.test", CANARY)]
    for passwords in (None, {}):
        site.backend.passwords = passwords
        for user, secret in cases:
            await log_in_by_every_way(site, user, secret)
    for verb, reply in (
        ("AUTHENTICATE", Reply(b"{tag} BAD no\r\n")),
        ("AUTHENTICATE", Reply(then=Then.RESET)),
        ("GREETING", Reply(b"* BYE\r\n")),
    ):
        site.backend.script[verb] = reply
        await log_in_by_every_way(site, DORA, CANARY)
    pepper = (site.gateway.folder / "pepper").read_text().strip()
    forbidden = {BACKEND_SECRET, pepper}.union(*(spellings(secret) for _, secret in cases))
    forbidden |= {message.decode() for case in cases for message in messages(*case)}
    assert len(site.log().splitlines()) > 100
    places = {"log": site.log(), **shown_of_process(site.gateway.process.pid)}
    found = [(place, word) for place, text in places.items() for word in forbidden if word in text]
    assert found == []


async def test_sec_01_what_the_backend_says_with_the_password_in_it_is_not_our_doing_but_is_cut(site):
    """A backend may echo what it got. It's shown only when it failed, as a text of bounded length."""
    site.backend.script["AUTHENTICATE"] = Reply(b"{tag} BAD " + b"y" * 10_000 + b"\r\n")
    await site.login(DORA, "x")
    assert max(map(len, site.log().splitlines())) < 600


def limits_of_process(pid):
    """Soft and hard limit by name."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
    return {line[:26].strip(): line[26:].split()[:2] for line in lines}


async def test_sec_01_a_crash_writes_no_core(site):
    assert limits_of_process(site.gateway.process.pid)["Max core file size"] == ["0", "0"]
