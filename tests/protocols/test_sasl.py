"""SASL PLAIN and LOGIN, both directions, and the attacks on them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols import sasl
from protocols.dialogue import READ, Credentials, Send
from protocols.sasl import Malformed
from tests.protocols.talk import talk

CONTROLS = [bytes((byte,)) for byte in (*range(1, 0x20), 0x7F)]
without_nul = st.binary(max_size=300).map(lambda value: value.replace(b"\0", b"0"))


def ask(challenge):
    yield Send(challenge)
    return (yield READ)


def exchange(mechanism, initial=None, *responses):
    """What an exchange comes to, each response being one chunk."""

    def dialogue():
        return (yield from sasl.exchange(mechanism, initial, ask)), b""

    waiting = list(responses)
    return talk(dialogue(), [b"".join(responses)], lambda _: waiting)


def both_mechanisms(username, password):
    message = sasl.encode(b"\0" + username + b"\0" + password)
    yield exchange(b"PLAIN", message).end
    yield exchange(b"PLAIN", None, message).end
    yield exchange(b"LOGIN", None, sasl.encode(username), sasl.encode(password)).end
    yield exchange(b"LOGIN", sasl.encode(username), sasl.encode(password)).end


@given(st.binary())
def test_what_is_encoded_is_decoded(message):
    assert sasl.decode(sasl.encode(message)) == message
    assert b"\n" not in sasl.encode(message)


@given(st.binary(max_size=40) | st.text("AQgw=+/*", max_size=12).map(str.encode))
def test_whatever_is_decoded_has_one_way_to_be_written(line):
    message = sasl.decode(line)
    assert isinstance(message, Malformed) or sasl.encode(message) == line


@given(without_nul.filter(bool), without_nul, st.booleans())
def test_a_plain_message_is_parsed_as_it_was_made(username, password, repeated):
    made = sasl.plain(Credentials(username, password, username if repeated else b""))
    assert sasl.parse_plain(made) == Credentials(username, password)


@pytest.mark.parametrize("control", CONTROLS)
def test_sasl_01_control_characters_reach_the_judge_as_they_are(control):
    """He refuses them; here nothing may be cut off, split or cleaned on the way to him."""
    for outcome in both_mechanisms(b"al" + control + b"ice", control + b"se" + control + b"cret" + control):
        assert outcome == Credentials(b"al" + control + b"ice", control + b"se" + control + b"cret" + control)


def test_sasl_01_a_nul_in_a_login_exchange_reaches_the_judge_as_it_is():
    ended = exchange(b"LOGIN", None, sasl.encode(b"alice\0evil"), sasl.encode(b"pw\0"))
    assert ended.end == Credentials(b"alice\0evil", b"pw\0")


@pytest.mark.parametrize("message", [b"victim\0attacker\0pw", b"ALICE\0alice\0pw", b"alice \0alice\0pw"])
def test_sasl_02_acting_for_somebody_else_is_refused(message):
    assert exchange(b"PLAIN", sasl.encode(message)).end is Malformed.AUTHZID


def test_sasl_02_an_authzid_equal_to_the_user_is_dropped():
    assert exchange(b"PLAIN", sasl.encode(b"alice\0alice\0pw")).end == Credentials(b"alice", b"pw")


def test_sasl_03_an_authzid_never_stands_in_for_a_missing_user():
    assert exchange(b"PLAIN", b"YWRtaW4AAHBhc3N3b3Jk").end is Malformed.MESSAGE


@pytest.mark.parametrize(
    "message",
    [b"", b"alice", b"alice\0pw", b"\0alice\0pw\0", b"\0\0alice\0pw", b"\0\0pw", b"\0\0", b"\0\0\0"],
)
def test_sasl_04_a_plain_message_has_two_nuls_and_a_user(message):
    assert exchange(b"PLAIN", sasl.encode(message)).end is Malformed.MESSAGE
    assert sasl.parse_plain(message) is Malformed.MESSAGE


def test_sasl_04_an_empty_password_reaches_the_judge_as_it_is():
    for outcome in both_mechanisms(b"alice", b""):
        assert outcome == Credentials(b"alice", b"")


@pytest.mark.parametrize(
    "line",
    [
        b"!",
        b"A",
        b"AA",
        b"AAA",
        b"AAAAA",
        b"AA=A",
        b"A===",
        b"====",
        b"AA==AA==",
        b"AAAA=",
        b"AAAA==",
        b"AB==",
        b"AAB=",
        b" AAAA",
        b"AAAA ",
        b"AA AA",
        b"AAAA\r",
        b"AAAA\0",
        b"AA-_",
        b"+",
        b"+ ",
        b"334 VXNlcm5hbWU6",
        b"*AAA",
        b"**",
        b"\xff\xff\xff\xff",
        b"=",
        b"=AAA",
    ],
)
def test_sasl_05_what_is_not_exactly_base64_is_refused(line):
    assert sasl.decode(line) is Malformed.BASE64
    assert exchange(b"PLAIN", None, line).end is Malformed.BASE64
    assert exchange(b"LOGIN", None, line).end is Malformed.BASE64
    assert exchange(b"LOGIN", b"YWxpY2U=", line).end is Malformed.BASE64


def test_sasl_05_a_star_cancels_at_every_step():
    assert exchange(b"PLAIN", b"*").end is Malformed.CANCELLED
    assert exchange(b"PLAIN", None, b"*").end is Malformed.CANCELLED
    assert exchange(b"LOGIN", None, b"*").end is Malformed.CANCELLED
    assert exchange(b"LOGIN", None, b"YWxpY2U=", b"*").end is Malformed.CANCELLED


def test_sasl_06_a_response_of_12288_bytes_is_taken():
    response = sasl.encode(b"\0alice\0" + b"x" * (sasl.MAX_RESPONSE // 4 * 3 - 7))
    assert len(response) == sasl.MAX_RESPONSE
    ended = exchange(b"PLAIN", response)
    assert ended.end == Credentials(b"alice", b"x" * (sasl.MAX_RESPONSE // 4 * 3 - 7))


@pytest.mark.parametrize("size", [12289, 12292, 16384, 65536])
@pytest.mark.parametrize("character", [b"A", b"*", b"=", b"!", b"\0"])
def test_sasl_06_a_longer_one_is_too_long_whatever_it_holds(character, size):
    """Nothing of it is decoded."""
    line = character * size
    assert sasl.decode(line) is Malformed.TOO_LONG
    assert exchange(b"PLAIN", line).end is Malformed.TOO_LONG
    assert exchange(b"PLAIN", None, line).end is Malformed.TOO_LONG
    assert exchange(b"LOGIN", line).end is Malformed.TOO_LONG
    assert exchange(b"LOGIN", None, line).end is Malformed.TOO_LONG
    assert exchange(b"LOGIN", b"YWxpY2U=", line).end is Malformed.TOO_LONG


def test_sasl_07_an_empty_initial_response_asks_for_the_real_one():
    assert exchange(b"PLAIN", b"=", b"AGFsaWNlAHB3").happened == [b""]
    assert exchange(b"LOGIN", b"=", b"YWxpY2U=", b"cHc=").happened == [b"Username:Password:"]


@pytest.mark.parametrize("size", [1, 64, 72, 128, 1024])
def test_sasl_11_a_long_password_is_passed_on_in_full(size):
    for outcome in both_mechanisms(b"alice", b"x" * (size - 1) + b"!"):
        assert outcome.password == b"x" * (size - 1) + b"!"


@pytest.mark.parametrize(
    "username",
    [
        b"%u",
        b"%{user}",
        b"$(id)",
        b"{0}",
        b"a'--",
        b"*)(uid=*",
        b"a,ou=x",
        b"a\\2a",
        b"${jndi:x}",
        b"\xff\xfe",
    ],
)
def test_sasl_12_a_user_name_is_nothing_but_bytes(username):
    for outcome in both_mechanisms(username, username):
        assert outcome == Credentials(username, username)
