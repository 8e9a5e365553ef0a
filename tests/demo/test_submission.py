"""The demo's submission server, without the gateway."""

import poplib
import smtplib
from base64 import b64encode

import pytest

from tests.demo.letter import LETTER
from tests.demo.mailhost import PASSWORD, SHARED, data, fetched, imap_client


@pytest.fixture
def submission(ports):
    with smtplib.SMTP("127.0.0.1", ports["smtp"], local_hostname="laptop.example.test", timeout=20) as client:
        client.ehlo()
        yield client


def auth_plain(client, message):
    return client.docmd("AUTH", "PLAIN " + b64encode(message.encode()).decode())


def inbox(port, login):
    with imap_client(port, login) as client:
        count = int(data(client.select())[0])
        return [fetched(client, str(number), "(BODY.PEEK[])") for number in range(4, count + 1)]


@pytest.mark.parametrize("password", [PASSWORD, SHARED])
def test_a_message_reaches_its_recipients_octet_for_octet(
    ports, port, submission, login, other_login, password
):
    submission.login(login, password)
    submission.sendmail(login, [login, other_login], LETTER, ["BODY=8BITMIME", f"SIZE={len(LETTER)}"])
    assert inbox(port, login) == inbox(port, other_login) == [LETTER]
    maildrop = poplib.POP3("127.0.0.1", ports["pop3"], timeout=20)
    maildrop.user(login)
    maildrop.pass_(PASSWORD)
    _, lines, size = maildrop.retr(4)
    assert (b"\r\n".join([*lines, b""]), size) == (LETTER, len(LETTER))
    maildrop.quit()


def test_a_user_is_reached_by_every_address_and_once(port, submission, login):
    submission.login(login, PASSWORD)
    alias = login.replace("user", "ALIAS")
    submission.sendmail("", [login.upper(), alias], LETTER)
    assert inbox(port, login) == [LETTER]


def test_an_address_beyond_ascii_is_understood_and_refused_as_unknown(submission, login):
    submission.login(login, PASSWORD)
    assert submission.docmd(f"MAIL FROM:<{login}> SMTPUTF8")[0] == 250
    submission.command_encoding = "utf-8"
    assert submission.docmd("RCPT TO:<jürgen@example.test>")[0] == 550


@pytest.mark.parametrize(
    "recipient", ["stranger@example.test", "someone@example.org", "user1@elsewhere.test"]
)
def test_nothing_is_relayed_and_nobody_unknown_is_accepted(submission, login, recipient):
    submission.login(login, PASSWORD)
    submission.mail(login)
    code, text = submission.rcpt(recipient)
    assert (code, text[:6]) == (550, b"5.1.1 ")
    assert submission.docmd("DATA")[0] == 503


def test_a_known_recipient_gets_it_also_when_another_is_unknown(port, submission, login):
    submission.login(login, PASSWORD)
    refused = submission.sendmail(login, [login, "stranger@example.test"], LETTER)
    assert set(refused) == {"stranger@example.test"}
    assert inbox(port, login) == [LETTER]


def test_nobody_submits_without_a_login(submission, login):
    assert submission.mail(login)[0] == 530
    assert submission.rcpt(login)[0] == 503


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("\0{login}\0wrong", 535),
        ("\0stranger@example.test\0" + SHARED, 535),
        ("user199@example.test\0{login}\0" + SHARED, 501),
        ("nonsense", 501),
    ],
)
def test_wrong_credentials_and_another_identity_are_refused(submission, login, message, code):
    assert auth_plain(submission, message.format(login=login))[0] == code
    assert submission.mail(login)[0] == 530


def test_an_identity_that_repeats_the_name_is_accepted_and_a_challenge_is_answered(submission, login):
    assert submission.docmd("AUTH", "PLAIN") == (334, b"")
    response = b64encode(f"{login}\0{login}\0{SHARED}".encode()).decode()
    assert submission.docmd(response)[0] == 235


@pytest.mark.parametrize("response", ["*", "=", "no base64"])
def test_a_login_without_credentials_is_refused(submission, response):
    assert submission.docmd("AUTH", "PLAIN")[0] == 334
    assert submission.docmd(response)[0] == 501
    assert submission.noop()[0] == 250


def test_nobody_becomes_somebody_else_after_the_login(submission, login):
    submission.login(login, PASSWORD)
    assert submission.docmd("AUTH", "PLAIN")[0] == 503
    assert submission.docmd("XCLIENT", "LOGIN=user199@example.test")[0] == 500
    assert submission.docmd("XFORWARD", "NAME=other")[0] == 500


def test_what_it_offers_is_what_it_does(submission):
    assert set(submission.esmtp_features) == {"size", "8bitmime", "smtputf8", "auth", "help"}
    assert submission.esmtp_features["auth"].split() == ["PLAIN"]


def test_a_message_beyond_the_limit_is_refused_before_it_is_sent(submission, login):
    submission.login(login, PASSWORD)
    limit = int(submission.esmtp_features["size"])
    assert submission.docmd(f"MAIL FROM:<{login}> SIZE={limit + 1}")[0] == 552
