"""The real Dovecot does what the tests of the gateway rely on."""

import imaplib
import ssl

import pytest

from tests.servers.dovecot import Dovecot

USER, PASSWORD, MASTER, MASTER_PASSWORD = "dora@example.test", "main password", "gate", "master-word"


@pytest.fixture(scope="module")
def dovecot():
    with Dovecot({USER: PASSWORD, "enno@example.test": "other"}, {MASTER: MASTER_PASSWORD}) as server:
        yield server


@pytest.fixture
def client(dovecot):
    with imaplib.IMAP4_SSL(
        "localhost", dovecot.imaps, ssl_context=dovecot.authority.client_context()
    ) as session:
        yield session


def test_a_user_logs_in_by_the_main_password_and_reads_mail(dovecot, client):
    dovecot.deliver(USER, b"Subject: first\r\n\r\nHello\r\n")
    client.login(USER, PASSWORD)
    newest = client.select()[1][0].decode()
    assert b"Subject: first" in client.fetch(newest, "(RFC822)")[1][0][1]


def test_a_master_logs_in_as_a_user_by_the_separator(client):
    client.login(f"{USER}*{MASTER}", MASTER_PASSWORD)
    assert client.select()[0] == "OK"


def test_a_master_logs_in_as_a_user_by_authzid(client):
    client.authenticate("PLAIN", lambda _: f"{USER}\0{MASTER}\0{MASTER_PASSWORD}".encode())
    assert client.select()[0] == "OK"


@pytest.mark.parametrize(
    ("login", "password"),
    [
        (USER, MASTER_PASSWORD),
        (f"{USER}*{MASTER}", PASSWORD),
        (f"{USER}*enno@example.test", "other"),
    ],
)
def test_wrong_credentials_are_refused(client, login, password):
    with pytest.raises(client.error, match="AUTHENTICATIONFAILED"):
        client.login(login, password)


def test_a_master_is_refused_for_an_unknown_user(client):
    with pytest.raises(client.error, match="AUTHORIZATIONFAILED"):
        client.login(f"nobody@example.test*{MASTER}", MASTER_PASSWORD)


def test_starttls_is_offered_on_one_port_and_unknown_on_the_other(dovecot):
    with imaplib.IMAP4(dovecot.host, dovecot.imap) as session:
        session.starttls(dovecot.authority.client_context())
        assert session.login(USER, PASSWORD)[0] == "OK"
    with imaplib.IMAP4(dovecot.host, dovecot.plain) as session:
        assert "STARTTLS" not in session.capabilities
        assert session.login(USER, PASSWORD)[0] == "OK"


def test_the_certificate_is_from_the_authority_alone(dovecot):
    with pytest.raises(ssl.SSLCertVerificationError):
        imaplib.IMAP4_SSL("localhost", dovecot.imaps, ssl_context=ssl.create_default_context())


def test_an_idle_client_is_told_of_a_delivered_message(dovecot, client):
    client.login(USER, PASSWORD)
    there = int(client.select()[1][0])
    client.send(b"x IDLE\r\n")
    assert client.readline().startswith(b"+ ")
    dovecot.deliver(USER, b"Subject: news\r\n\r\n\r\n")
    assert client.readline() == f"* {there + 1} EXISTS\r\n".encode()
    client.send(b"DONE\r\n")
    while not client.readline().startswith(b"x OK"):
        pass


def test_the_client_that_is_named_by_id_is_in_the_log(dovecot):
    with imaplib.IMAP4(dovecot.host, dovecot.imap) as session:
        session.xatom("ID", '("x-originating-ip" "192.0.2.77" "x-originating-port" "4711")')
        session.login("enno@example.test", "other")
    assert dovecot.logged(r"Login: user=<enno@example\.test>.* rip=192\.0\.2\.77,")


def test_stopped_it_is_gone_and_restarted_it_has_the_old_mail(dovecot):
    dovecot.deliver("enno@example.test", b"Subject: kept\r\n\r\n")
    dovecot.stop()
    with pytest.raises(ConnectionRefusedError):
        imaplib.IMAP4(dovecot.host, dovecot.plain)
    dovecot.start()
    with imaplib.IMAP4(dovecot.host, dovecot.plain) as session:
        session.login("enno@example.test", "other")
        assert session.select()[1] == [b"1"]


def test_a_server_that_cant_start_says_why_by_its_log():
    with pytest.raises(RuntimeError, match="no_such_setting"), Dovecot({}, settings="no_such_setting = 1\n"):
        pass
