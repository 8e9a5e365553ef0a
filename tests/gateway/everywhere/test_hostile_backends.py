"""A backend, or somebody in its place, that says more than it was asked, or sooner."""

import pytest

from tests.gateway.site import MAIN, PORTAL
from tests.servers.script import Reply, Then

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = f"""
[policy]
portal_url = "{PORTAL}"
[limits]
refusal_seconds = 0.05
"""
CHUNK = 8192  # what is read at once: what is behind it waits in the kernel
# A greeting that can be of any length, and the answers to all that a gateway may ask up to the login's yes.
GREETINGS = {
    "imap": b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] %b\r\n",
    "smtp": b"220 %b\r\n",
    "pop3": b"+OK %b\r\n",
    "sieve": b'"IMPLEMENTATION" "%b"\r\n"SASL" "PLAIN"\r\nOK "ready"\r\n',
}
ANSWERS = {
    "imap": b"w1 OK in\r\nw2 BAD what?\r\n",
    "smtp": b"250-recorder\r\n250 AUTH PLAIN\r\n235 in\r\n503 in\r\n250-recorder\r\n250 AUTH PLAIN\r\n",
    "pop3": b"+OK\r\nSASL PLAIN\r\n.\r\n+OK in\r\n",
    "sieve": b'OK "in"\r\nOK "capable"\r\nNO "what?"\r\n',
}
# A login's yes, around the words of the backend.
YES = {
    "imap": b"{tag} OK %b\r\n",
    "smtp": b"235 %b\r\n",
    "pop3": b"+OK %b\r\n",
    "sieve": b'OK "%b"\r\n',
}
WORDS = b"in\rNO\0 more\x1b[2J\x7f"


@pytest.fixture(scope="module")
def dora(standing_site):
    """A user whose main password is passed through."""
    return standing_site.people.add("dora@example.test", "disabled")


def padded(protocol: str) -> bytes:
    """A greeting of as many bytes as are read at once."""
    greeting = GREETINGS[protocol]
    if protocol == "smtp":  # its lines are short
        lines = b"220-" + b"x" * 1018 + b"\r\n"
        last = greeting % (b"x" * (1024 - len(greeting % b"")))
        return lines * 7 + last
    return greeting % (b"x" * (CHUNK - len(greeting % b"")))


async def test_back_01_a_yes_from_before_the_question_lets_nobody_in(site, dora):
    protocol = site.dialect.protocol
    site.backend.passwords = {}
    site.backend.script["GREETING"] = Reply(GREETINGS[protocol] % b"ready" + ANSWERS[protocol])
    assert await site.told(dora, "a guess") == site.dialect.unavailable
    assert "the backend answered before it was asked" in site.log()
    assert [line["reason"] for line in site.logins()] == ["backend-unavailable"]


async def test_back_02_nor_does_one_that_the_gateway_has_not_read_yet(site, dora):
    protocol = site.dialect.protocol
    if protocol == "pop3":  # has a short greeting, so what is long is the answer to the first question
        site.backend.script["CAPA"] = Reply(capabilities() + b"+OK in\r\n")
    else:
        site.backend.script["GREETING"] = Reply(padded(protocol) + ANSWERS[protocol])
    site.backend.passwords = {}
    assert await site.told(dora, "a guess") == site.dialect.unavailable
    assert "the backend answered before it was asked" in site.log()
    assert site.backend.received().count(b"PLAIN") == 0


def capabilities() -> bytes:
    """An answer to CAPA of as many bytes as are read at once."""
    ends = b"+OK\r\nSASL PLAIN\r\n", b".\r\n"
    room = CHUNK - sum(map(len, ends))
    lines = [b"X" * 1022 + b"\r\n"] * (room // 1024)
    rest = room - 1024 * len(lines)
    return ends[0] + b"".join(lines) + b"Y" * (rest - 2) + b"\r\n" + ends[1]


async def test_back_03_its_words_stay_within_our_line(site, dora):
    yes = Reply(YES[site.dialect.protocol] % WORDS, Then.LOGGED_IN)
    site.backend.script[site.dialect.login_verb] = [yes]
    client = await site.connect()
    await client.send(site.dialect.login(dora, MAIN) + site.dialect.noop)
    line = await client.line()
    assert line.startswith(site.dialect.accepted)
    assert not set(line[:-2]) & {*range(0x20), 0x7F}
    assert b"in" in line
    assert b"more" in line
    assert await client.line() == site.dialect.done
