"""Attacks with what stands in names and passwords, and by who speaks another protocol."""

import pytest

from protocols import ldap
from protocols.dialogue import Credentials, LoginResult, Outcome
from protocols.terms import FrontTerms
from tests.protocols.ldap.notation import message, said
from tests.protocols.talk import cutter, talk

CONTROLS = [bytes((byte,)) for byte in (*range(0x20), 0x7F)]
LINES = [b"\r\nDELE 1", b"\r\nMAIL FROM:<x>", b"\n", message("bind 2 evil evil"), message("notice 2 Bye")]
NO = LoginResult(Outcome.REJECTED, b"No")


def bind_of(name, password):
    """As ldap3 would write it, but for lengths."""
    body = b"\2\1\3\4\x82" + len(name).to_bytes(2) + name + b"\x80\x82" + len(password).to_bytes(2) + password
    body = b"\2\1\1\x60\x82" + len(body).to_bytes(2) + body
    return b"\x30\x82" + len(body).to_bytes(2) + body


@pytest.mark.parametrize("character", CONTROLS + LINES)
@pytest.mark.parametrize("where", ["{}secret", "sec{}ret", "secret{}"])
def test_sasl_01_control_characters_are_for_the_gatekeeper_and_answered_once(character, where):
    """They can't end a message, and it's the gatekeeper that knows no user and no password with them."""
    before, after = where.encode().split(b"{}")
    value = before + character + after
    for credentials in (
        Credentials(value, b"secret"),
        Credentials(b"fritz", value),
        Credentials(value, value),
    ):
        stream = bind_of(credentials.username, credentials.password)
        ended = talk(ldap.front(FrontTerms()), [stream], cutter([3]), [NO])
        assert [login.credentials for login in ended.logins] == [credentials]
        assert ended.sent == message("bind-response 1 49 No")
        assert ended.forwarded == []


@pytest.mark.parametrize("name", [b"<script>alert(1)</script>", b"fritz\r\nX: y", b"\xff\xfe", b"x" * 60_000])
def test_sasl_01_no_name_and_no_password_is_sent_back(name):
    for stream in (bind_of(name, b"secret"), bind_of(name, b""), bind_of(b"", name)):
        ended = talk(ldap.front(FrontTerms()), [stream], results=[NO])
        assert name not in ended.sent
        assert len(said("S", ended.sent)) == 1


@pytest.mark.parametrize("byte", [b"G", b"\0", b"\x16", b"\xff", b"\r", b"1"])
@pytest.mark.parametrize("before", [b"", message("bind 1 fritz secret")])
def test_alpn_02_one_byte_is_enough_to_see_it(before, byte):
    accepted = LoginResult(Outcome.ACCEPTED, b"")
    for cut in (cutter([1]), cutter([1 << 20])):
        ended = talk(ldap.front(FrontTerms()), [before + byte], cut, [accepted])
        assert ended.end == "ProtocolError: this is not LDAP"
        assert ended.sent.endswith(message('notice 2 "This is not LDAP"'))


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET / HTTP/1.1",
        b"GET /<script>alert(1)</script> HTTP/1.1",
        b"POST / HTTP/1.1",
        b"OPTIONS * HTTP/1.0",
        b"PRI * HTTP/2.0",
        b"EHLO evil",
        b"a LOGIN fritz secret",
        b"0 LOGIN",  # 0x30, with which LDAP begins
        b"00000000",
    ],
)
def test_alpn_02_other_protocols_are_closed_at_once_and_nothing_is_sent_back(request_line):
    stream = request_line + b"\r\nHost: evil.test\r\n\r\n" + b"<script>alert(1)</script>\r\n" * 100
    for terms in (FrontTerms(), FrontTerms(tls=False, starttls=True)):
        for cut in (cutter([1]), cutter([1 << 20])):
            ended = talk(ldap.front(terms), [stream], cut)
            assert ended.end.startswith("ProtocolError: ")
            assert [line.split()[1] for line in said("S", ended.sent)] == ["notice"]
            for word in (b"script", b"HTTP", b"evil", b"LOGIN"):
                assert word not in ended.sent
