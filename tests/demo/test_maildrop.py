"""The demo's POP3 server, without the gateway."""

import poplib
from base64 import b64encode

import pytest

from tests.demo.letter import LETTER
from tests.demo.mailhost import PASSWORD, SHARED, data, fetched


@pytest.fixture
def connect(ports):
    """Makes clients, and ends those that are left."""
    made = []

    def connected():
        made.append(poplib.POP3("127.0.0.1", ports["pop3"], timeout=20))
        return made[-1]

    yield connected
    for client in made:
        client.close()


@pytest.fixture
def maildrop(connect, login):
    return logged_in(connect(), login)


def logged_in(client, login, password=PASSWORD):
    client.user(login)
    client.pass_(password)
    return client


def refused(client, command):
    """The text of the refusal."""
    with pytest.raises(poplib.error_proto) as refusal:
        client._shortcmd(command)
    return refusal.value.args[0]


def auth_plain(client, message):
    return client._shortcmd("AUTH PLAIN " + b64encode(message.encode()).decode())


@pytest.mark.parametrize("password", [PASSWORD, SHARED])
def test_a_user_logs_in_by_the_main_password_or_by_the_gateways(connect, login, password):
    assert logged_in(connect(), login.upper(), password).stat()[0] == 3


@pytest.mark.parametrize("authzid", ["", "{login}"])
def test_auth_plain_logs_in_at_once_or_after_a_challenge(connect, login, authzid):
    message = f"{authzid}\0{{login}}\0{SHARED}".format(login=login)
    client = connect()
    auth_plain(client, message)
    assert client.stat()[0] == 3
    client = connect()
    client._putcmd("AUTH PLAIN")
    assert client._getline()[0] == b"+ "
    client._shortcmd(b64encode(message.encode()).decode())
    assert client.stat()[0] == 3


@pytest.mark.parametrize(
    "message",
    ["\0{login}\0wrong", f"user199@example.test\0{{login}}\0{SHARED}", f"\0stranger\0{SHARED}", "nonsense"],
)
def test_auth_plain_refuses_a_wrong_password_and_another_identity(connect, login, message):
    client = connect()
    with pytest.raises(poplib.error_proto, match=r"^b'-ERR"):
        auth_plain(client, message.format(login=login))
    assert refused(client, "STAT") == b"-ERR Log in first"


def test_a_wrong_password_and_an_unknown_user_are_refused(connect, login):
    for name, password in ((login, "other"), ("stranger@example.test", SHARED)):
        with pytest.raises(poplib.error_proto, match="Authentication failed"):
            logged_in(connect(), name, password)


def test_nobody_becomes_somebody_else_after_the_login(maildrop):
    for command in ("USER user199@example.test", f"PASS {SHARED}", "auth PLAIN", "AUTH PLAIN ="):
        assert b"logged in already" in refused(maildrop, command)


def test_the_capabilities_are_the_same_before_and_after_the_login(connect, login):
    client = connect()
    before = client.capa()
    assert before == {"TOP": [], "USER": [], "UIDL": [], "PIPELINING": [], "SASL": ["PLAIN"]}
    assert logged_in(client, login).capa() == before


def test_there_is_no_apop(connect, login):
    client = connect()
    assert b"<" not in client.getwelcome()
    assert b"unknown" in refused(client, f"APOP {login} 0123456789abcdef")


def test_the_messages_are_those_of_the_inbox(maildrop, mail):
    data(mail.append("INBOX", None, None, LETTER))
    mail.select()
    inbox = [fetched(mail, str(number), "(BODY.PEEK[])") for number in (1, 2, 3)]
    assert maildrop.stat() == (3, sum(map(len, inbox)))  # what comes later belongs to the next session
    assert maildrop.list()[1] == [b"%d %d" % (number, len(one)) for number, one in enumerate(inbox, 1)]
    assert [b"\r\n".join([*maildrop.retr(number)[1], b""]) for number in (1, 2, 3)] == inbox


@pytest.mark.parametrize("octets", [LETTER, b"no line end", b"\r\n", b".\n.\n..\n.\r\n", b"a\r\n\r\n.\r\n"])
def test_a_message_of_any_shape_is_retrieved(connect, mail, login, octets):
    data(mail.append("INBOX", None, None, octets))
    lines = logged_in(connect(), login).retr(4)[1]
    assert lines == octets.removesuffix(b"\n").replace(b"\r", b"").split(b"\n")


def test_top_gives_the_header_and_as_many_lines_as_wanted(connect, mail, login):
    data(mail.append("INBOX", None, None, LETTER))
    header, _, body = LETTER.partition(b"\r\n\r\n")
    client = logged_in(connect(), login)
    for most in (0, 1, 3, 999):
        expected = [*header.split(b"\r\n"), b"", *body.split(b"\r\n")[:-1][:most]]
        assert client.top(4, most)[1] == expected


def test_unique_ids_outlive_the_session(connect, login):
    first, second = logged_in(connect(), login), logged_in(connect(), login)
    ids = first.uidl()[1]
    assert len({line.split()[1] for line in ids}) == 3
    assert second.uidl()[1] == ids
    assert second.uidl(2) == b"+OK " + ids[1]


def test_a_deleted_message_is_hidden_at_once_and_gone_after_quit(connect, mail, login):
    client = logged_in(connect(), login)
    kept = client.uidl()[1][1:]
    client.dele(1)
    assert client.stat()[0] == len(client.list()[1]) == 2
    assert client.uidl()[1] == kept
    for command in ("LIST 1", "UIDL 1", "RETR 1", "DELE 1"):
        assert b"no message" in refused(client, command)
    client.quit()
    assert data(mail.select()) == [b"2"]


@pytest.mark.parametrize("end", ["reset", "broken connection"])
def test_nothing_is_deleted_without_quit(connect, mail, login, end):
    client = logged_in(connect(), login)
    client.dele(1)
    if end == "reset":
        client.rset()
        client.quit()
    else:
        client.close()
    assert data(mail.select()) == [b"3"]


def test_a_message_that_vanished_by_imap_is_not_there(maildrop, mail):
    mail.select()
    mail.store("2", "+FLAGS", "(\\Deleted)")
    data(mail.expunge())
    assert b"no message" in refused(maildrop, "RETR 2")
    assert maildrop.stat()[0] == 2
    maildrop.dele(3)
    maildrop.quit()
    data(mail.noop())
    assert data(mail.select()) == [b"1"]


@pytest.mark.parametrize(
    "command",
    ["BOGUS", "RETR", "RETR 0", "RETR -1", "RETR 4", "RETR 1 2", "RETR ٣", "LIST x", "TOP 1", "DELE", "\x00"],
)
def test_what_makes_no_sense_is_refused_and_the_session_goes_on(maildrop, command):
    with pytest.raises(poplib.error_proto, match="-ERR"):
        maildrop._shortcmd(command)
    assert maildrop.stat()[0] == 3


def test_commands_may_come_in_one_packet(maildrop):
    maildrop.sock.sendall(b"STAT\r\nUIDL 1\r\nNOOP\r\nQUIT\r\n")
    assert [maildrop._getline()[0][:3] for _ in range(4)] == [b"+OK"] * 4
