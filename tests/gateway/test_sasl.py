"""Attacks by SASL over the wire: nothing malformed reaches the store's answer or the backend."""

import asyncio
import base64
import os

import pytest

from tests.gateway.client import quoted
from tests.gateway.site import GOOD, MAIN, QUICK, REFUSAL

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = QUICK + "failed_logins = 100\n"
CONTROLS = [*range(32), 127]
DORA = "dora@example.test"


@pytest.fixture(scope="module", autouse=True)
def dora(standing_site):
    """Her main password is the backend's to judge, so whatever passes the gateway is seen there."""
    return standing_site.people.add(DORA, "disabled")


def plain(*parts: str | bytes) -> bytes:
    return base64.b64encode(b"\0".join(one.encode() if isinstance(one, str) else one for one in parts))


async def authenticate(site, response):
    """The answer to AUTHENTICATE PLAIN with this initial response, without the tag."""
    client = await site.connect()
    return (await client.answer(b"AUTHENTICATE PLAIN " + response)).removeprefix(b"a ")


@pytest.mark.parametrize("control", CONTROLS)
async def test_sasl_01_no_control_character_in_a_credential_reaches_the_backend(site, control):
    octet = bytes([control])
    evil = [b"x" + octet + b"DELE 1", octet + b"x", b"x" + octet]
    attempts = [authenticate(site, plain("", DORA, one)) for one in evil]
    attempts += [authenticate(site, plain("", DORA.encode() + one, MAIN)) for one in evil]
    answers = await asyncio.gather(*attempts)
    # A NUL is SASL's own separator, so one more of them is a message of another shape.
    assert all(one == REFUSAL or (control == 0 and one.startswith(b"BAD ")) for one in answers)
    assert site.backend.connections == []


@pytest.mark.parametrize("word", [b"pw\r\nb DELETE INBOX", b"pw\nb NOOP", b"pw\0"])
@pytest.mark.parametrize("place", ["user", "password"])
async def test_sasl_01_line_ends_in_literals_reach_nobody(site, word, place):
    user, password = (DORA.encode() + word, b"pw") if place == "user" else (DORA.encode(), word)
    client = await site.connect()
    await client.send(
        b"a LOGIN {%d+}\r\n%b {%d+}\r\n%b\r\n" % (len(user), user, len(password), password),
    )
    assert await client.line() == b"a " + REFUSAL
    assert await client.answer(b"NOOP", b"n") == b"n OK Nothing done\r\n"
    assert site.backend.connections == []


@pytest.mark.parametrize(
    "message",
    [plain("victim@example.test", GOOD, "PASSWORD"), plain(DORA, GOOD, "PASSWORD"), plain("x", DORA, MAIN)],
)
async def test_sasl_02_nobody_acts_for_another(site, message):
    message = base64.b64encode(base64.b64decode(message).replace(b"PASSWORD", site.good.secret.encode()))
    assert (await authenticate(site, message)).startswith(b"BAD ")
    assert site.logins() == []
    assert site.backend.connections == []


async def test_sasl_02_an_authzid_that_repeats_the_name_is_fine(site):
    assert (await authenticate(site, plain(GOOD, GOOD, site.good.secret))).startswith(b"OK ")


async def test_sasl_03_an_empty_name_never_falls_back_to_the_authzid(site):
    for response in (b"YWRtaW4AAHBhc3N3b3Jk", plain(GOOD, "", site.good.secret)):
        assert (await authenticate(site, response)).startswith(b"BAD ")
    assert site.backend.connections == []


@pytest.mark.parametrize(
    "parts", [[""], [DORA], [DORA, MAIN], ["", DORA, MAIN, ""], ["", DORA, MAIN, "x", ""]]
)
async def test_sasl_04_a_wrong_number_of_nuls_is_malformed(site, parts):
    response = plain(*parts) or b"="
    client = await site.connect()
    await client.send(b"a AUTHENTICATE PLAIN " + response + b"\r\n")
    if response == b"=":  # an empty initial response asks for the challenge
        assert await client.line() == b"+ \r\n"
        await client.send(b"\r\n")
    assert (await client.line()).startswith(b"a BAD ")
    assert site.backend.connections == []


@pytest.mark.parametrize("user", [DORA, GOOD, "nobody@example.test"])
async def test_sasl_04_an_empty_password_is_refused_before_anybody_is_asked(site, user):
    assert await authenticate(site, plain("", user, "")) == REFUSAL
    assert await site.login(user, "") == REFUSAL
    assert {line["reason"] for line in site.logins()} == {"malformed"}
    assert site.backend.connections == []


SPOILT = {
    "illegal character": lambda right: right[:8] + b"!" + right[8:],
    "white space": lambda right: right[:8] + b" " + right[8:],
    "tabulator": lambda right: right + b"\t",
    "no padding": lambda right: right.rstrip(b"="),
    "too much padding": lambda right: right + b"=",
    "garbage behind the padding": lambda right: right + b"AAAA",
    "padding alone": lambda _: b"====",
    "for addresses": lambda right: b"_-" + right[2:],
    "no cancelling": lambda _: b"*x",
    "not ASCII": lambda right: right + b"\xc3\xa4",
}


@pytest.mark.parametrize("initial", [True, False])
@pytest.mark.parametrize("fault", SPOILT)
async def test_sasl_05_malformed_base64_is_bad_and_leaves_nothing_behind(site, fault, initial):
    response = SPOILT[fault](plain("", GOOD, site.good.secret))
    client = await site.connect()
    if initial:
        await client.send(b"a AUTHENTICATE PLAIN " + response + b"\r\n")
    else:
        await client.send(b"a AUTHENTICATE PLAIN\r\n")
        assert await client.line() == b"+ \r\n"
        await client.send(response + b"\r\n")
    assert (await client.line()).startswith(b"a BAD ")
    assert site.logins() == []
    assert site.backend.connections == []
    assert (await client.login(GOOD, site.good.secret, tag=b"b")).startswith(b"b OK ")


@pytest.mark.parametrize("mechanism", [b"PLAIN", b"LOGIN"])
async def test_sasl_05_a_cancelled_exchange_is_bad(site, mechanism):
    client = await site.connect()
    await client.send(b"a AUTHENTICATE " + mechanism + b"\r\n")
    assert (await client.line()).startswith(b"+ ")
    await client.send(b"*\r\n")
    assert await client.line() == b"a BAD The login was cancelled\r\n"


async def test_sasl_05_good_logins_succeed_while_others_send_garbage(site):
    async def attacker():
        client = await site.connect()
        for _ in range(2):
            await client.send(b"a AUTHENTICATE PLAIN " + base64.b64encode(os.urandom(60)) + b"!\r\n")
            await client.line()
        await client.send(b"a AUTHENTICATE PLAIN\r\n")

    async def good():
        return await site.login(GOOD, site.good.secret)

    results = await asyncio.gather(*(one() for _ in range(100) for one in (attacker, good)))
    answers = [answer for answer in results if answer is not None]
    assert len(answers) == 100
    assert all(answer.startswith(b"OK ") for answer in answers)


async def test_sasl_06_a_response_of_12288_octets_is_read_and_refused(site):
    response = plain("", "x" * 200, "y" * (9216 - 202))
    assert len(response) == 12288
    assert await authenticate(site, response) == REFUSAL
    client = await site.connect()
    await client.send(b"a AUTHENTICATE PLAIN\r\n")
    await client.line()
    await client.send(response + b"\r\n")
    assert await client.line() == b"a " + REFUSAL


@pytest.mark.parametrize("size", [20_000, 65_536])
async def test_sasl_06_a_longer_response_ends_the_connection(site, size):
    client = await site.connect()
    await client.send(b"a AUTHENTICATE PLAIN\r\n")
    await client.line()
    await client.send(b"A" * size + b"\r\n")
    assert await client.rest() == b"* BYE Line too long\r\n"


async def test_sasl_06_a_response_without_an_end_is_cut_at_the_cap(site):
    client = await site.connect()
    await client.send(b"a AUTHENTICATE PLAIN\r\n")
    await client.line()
    before = site.memory_kib()
    sending = asyncio.ensure_future(client.send(b"A" * (32 << 20)))
    assert await client.rest() in (b"", b"* BYE Line too long\r\n")  # a reset may overtake it
    await asyncio.gather(sending, return_exceptions=True)
    assert site.memory_kib() - before < 1024


@pytest.mark.parametrize("response", [b"", b" ="])
async def test_sasl_07_without_an_initial_response_one_is_asked_for(site, response):
    client = await site.connect()
    await client.send(b"a AUTHENTICATE PLAIN" + response + b"\r\n")
    assert await client.line() == b"+ \r\n"
    await client.send(plain("", GOOD, site.good.secret) + b"\r\n")
    assert (await client.line()).startswith(b"a OK ")


@pytest.mark.parametrize(
    "mechanism", [b"EXTERNAL", b"NTLM", b"GSSAPI", b"CRAM-MD5", b"XOAUTH2", b"SCRAM-SHA-1"]
)
async def test_sasl_08_another_mechanism_is_not_offered_and_reaches_nobody(site, mechanism):
    client = await site.connect()
    assert (await client.answer(b"AUTHENTICATE " + mechanism)).startswith(b"a NO [CANNOT] ")
    assert (await client.answer(b"AUTHENTICATE " + mechanism + b" AAAA")).startswith(b"a NO [CANNOT] ")
    assert site.backend.connections == []


async def test_sasl_08_mechanisms_may_change_after_each_failure(site):
    client = await site.connect()
    for number in range(50):
        if number % 2:
            answer = await client.answer(b"AUTHENTICATE PLAIN " + plain("", "nobody", "pw"))
        else:
            await client.send(b"a AUTHENTICATE LOGIN bm9ib2R5\r\n")
            assert await client.line() == b"+ UGFzc3dvcmQ6\r\n"
            await client.send(b"cHc=\r\n")
            answer = await client.line()
        assert answer == b"a " + REFUSAL
    assert (await client.login(GOOD, site.good.secret)).startswith(b"a OK ")


async def test_sasl_08_clients_that_leave_in_the_middle_leave_nothing(site):
    async def leave_in_the_middle():
        client = await site.connect()
        await client.send(b"a AUTHENTICATE LOGIN\r\n")
        await client.line()
        client.abort()

    before = site.memory_kib()
    for _ in range(10):
        await asyncio.gather(*(leave_in_the_middle() for _ in range(30)))
    await site.until_status(not_logged_in=0, sessions=0)
    assert site.memory_kib() - before < 16 * 1024


async def test_sasl_09_after_a_login_a_second_one_is_the_backends_business(site):
    """It goes where the first one went, as the first one's user, and the gateway judges nobody again."""
    client = await site.logged_in()
    for command in (b"LOGIN " + quoted(DORA) + b" x", b"AUTHENTICATE PLAIN " + plain("", DORA, MAIN)):
        await client.answer(command, b"b")
    assert len(site.logins()) == 1
    assert len(site.backend.connections) == 1


@pytest.mark.parametrize("size", [64, 72, 73, 128, 1024])
async def test_sasl_11_a_long_password_is_passed_on_to_its_last_octet(site, size):
    long = ("0123456789" * 103)[:size]
    site.backend.passwords = {DORA: long}
    assert (await authenticate(site, plain("", DORA, long))).startswith(b"OK ")
    assert await authenticate(site, plain("", DORA, long[:-1] + "x")) == REFUSAL
    assert await authenticate(site, plain("", DORA, long[:-1])) == REFUSAL


async def test_sasl_11_longer_than_the_cap_is_refused_before_anything_is_computed(site):
    runs = site.status()["argon2_runs"]
    assert await authenticate(site, plain("", DORA, "x" * 1025)) == REFUSAL
    assert await authenticate(site, plain("", GOOD, " " * 1024 + site.good.secret)) == REFUSAL
    assert {line["reason"] for line in site.logins()} == {"malformed"}
    assert site.backend.connections == []
    assert site.status()["argon2_runs"] == runs


TEMPLATES = [
    "%u",
    "%{user}",
    "$(id)",
    "`id`",
    "{0}",
    "${HOME}",
    "a'--",
    "' OR 1=1 --",
    "*)(uid=*",
    "a,ou=x",
    "a\\2a",
]


@pytest.mark.parametrize("name", TEMPLATES)
async def test_sasl_12_a_name_that_looks_like_a_program_is_only_a_name(site, name):
    for user in (f"{name}@example.test", name):
        assert await authenticate(site, plain("", user, MAIN)) == REFUSAL
    assert site.backend.connections == []


@pytest.mark.parametrize("word", TEMPLATES)
async def test_sasl_12_a_password_that_looks_like_a_program_is_passed_on_as_it_is(site, word):
    site.backend.passwords = {DORA: word}
    assert (await authenticate(site, plain("", DORA, word))).startswith(b"OK ")
    assert site.backend.connections[0].logins[0].password == word
