"""The demo's protocols together: what comes in by one is found by the others, through the gateway."""

import imaplib
import poplib
import smtplib
from contextlib import suppress

import pytest

from tests.demo.letter import LETTER
from tests.demo.running import Demo, imap, ldap, pop3, sieve, smtp

SCRIPT = 'if header "subject" "Grüße" { keep; }\r\n'.encode()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


def log_in_by_imap(demo, login, password):
    with imap(demo) as client:
        client.login(login, password)


def log_in_by_pop3(demo, login, password):
    with pop3(demo) as client:
        client.user(login)
        client.pass_(password)


def log_in_by_smtp(demo, login, password):
    with smtp(demo) as client:
        # Its login() would try LOGIN after PLAIN, and wait for the refusal once more.
        client.user, client.password = login, password
        client.auth("PLAIN", client.auth_plain)


class SieveRefusal(Exception):
    """The answer was NO."""


def log_in_by_sieve(demo, login, password):
    with sieve(demo) as client:
        answer = client.log_in(login, password)
        if not answer.startswith(b"OK"):
            raise SieveRefusal(answer)


class LdapRefusal(Exception):
    """The result was not success."""


def log_in_by_ldap(demo, login, password):
    with ldap(demo) as client:
        code, text = client.bind(login, password)
        if code:
            raise LdapRefusal(code, text)


LOGINS = {
    "imap": (log_in_by_imap, imaplib.IMAP4.error),
    "pop3": (log_in_by_pop3, poplib.error_proto),
    "smtp": (log_in_by_smtp, smtplib.SMTPAuthenticationError),
    "sieve": (log_in_by_sieve, SieveRefusal),
    "ldap": (log_in_by_ldap, LdapRefusal),
}
by_each_protocol = pytest.mark.parametrize(("log_in", "refusal"), LOGINS.values(), ids=LOGINS)


@pytest.mark.parametrize("tls_later", [False, True], ids=["TLS", "STARTTLS"])
def test_a_message_that_is_sent_with_an_app_password_is_found_octet_for_octet(demo, tls_later):
    sender, _, secret = demo.user(2)
    receiver, _, other_secret = demo.user(0)
    with smtp(demo, tls_later) as client:
        client.login(sender, secret)
        client.sendmail(sender, ["dora.alias@example.test"], LETTER, ["BODY=8BITMIME"])
    with imap(demo) as client:
        client.login(receiver, other_secret)
        last = client.select()[1][0].decode()
        assert client.fetch(last, "(BODY.PEEK[])")[1][0][1] == LETTER
    with pop3(demo, tls_later) as client:
        client.user(receiver)
        client.pass_(other_secret)
        assert b"\r\n".join([*client.retr(int(last))[1], b""]) == LETTER


def test_nothing_is_relayed(demo):
    sender, _, secret = demo.user(0)
    with smtp(demo) as client:
        client.login(sender, secret)
        client.mail(sender)
        assert client.rcpt("somebody@example.org")[0] == 550


def test_a_script_is_put_and_read_again(demo):
    login, _, secret = demo.user(2)
    with sieve(demo) as client:
        assert b"runs none" in client.greeting[0]
        assert client.log_in(login, secret).startswith(b"OK")
        put = client.ask(b'PUTSCRIPT "first" {%d+}\r\n%b' % (len(SCRIPT), SCRIPT))[-1]
        assert put.startswith(b"OK (WARNINGS)")
    with sieve(demo) as client:
        client.log_in(login, secret)
        assert client.ask(b'GETSCRIPT "first"')[0] == SCRIPT


@by_each_protocol
def test_the_main_password_opens_where_mfa_is_not_enforced(demo, log_in, refusal):
    login, main_password, _ = demo.user(0)
    log_in(demo, login, main_password)
    log_in(demo, "dora.alias@example.test", main_password)


@by_each_protocol
def test_the_main_password_is_refused_where_mfa_is_enforced(demo, log_in, refusal):
    login, main_password, _ = demo.user(2)
    with pytest.raises(refusal, match="app password"):
        log_in(demo, login, main_password)


@pytest.fixture(scope="module")
def deleted(demo):
    """Enno and his app password, which worked and is no more."""
    login, _, secret = demo.user(1)
    for log_in, _ in LOGINS.values():
        log_in(demo, login, secret)
    app_password = demo.described()["users"][1]["app_passwords"][0]["id"]
    with imap(demo) as client:
        client.login(login, secret)
        demo.run("app-password", "delete", login, app_password)
        # The gateway has heard of it once it cuts a live session.
        with suppress(OSError):
            while client.readline():
                pass
    return login, secret


@by_each_protocol
def test_a_deleted_app_password_is_refused(demo, deleted, log_in, refusal):
    with pytest.raises(refusal):
        log_in(demo, *deleted)
