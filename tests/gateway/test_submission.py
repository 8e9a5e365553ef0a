"""The gateway in front of Postfix, Exim and Dovecot's submission: what is sent arrives, or is refused."""

import re
import smtplib
import uuid
from contextlib import contextmanager

import pytest

from tests.gateway.before_dovecot import DORA, ENNO, FRITZ, MAIN, STATES, open_mailhouse
from tests.gateway.mailservers import DOVECOT, EXIM, POSTFIX_BOTH, POSTFIX_MASTER, POSTFIX_XCLIENT, WAYS
from tests.gateway.submitting import client_of, head, submitted

pytestmark = pytest.mark.timeout(60)

WRONG = (535, "5.7.8 Wrong user name or password.")
LATER = (454, "4.7.0 The service is unavailable for the moment. Please try again later")


@pytest.fixture(scope="module", params=WAYS)
def way(request):
    return request.param


@pytest.fixture(scope="module")
def house(way, mailservers, authority, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway")
    settings = mailservers.submission(way)
    with open_mailhouse(folder, authority, mailservers.dovecot, settings) as house:
        yield house


@pytest.fixture
def opened(mailservers, authority, tmp_path):
    """A gateway with settings of the test's own."""

    @contextmanager
    def open_(settings):
        with open_mailhouse(tmp_path, authority, mailservers.dovecot, settings) as house:
            yield house

    return open_


@pytest.mark.parametrize("login", STATES)
def test_what_is_sent_by_an_app_password_arrives_byte_for_byte(mailservers, house, way, login):
    with client_of(house) as client:
        mark, message = submitted(client, login, house.given[login].secret, [DORA])
    assert mailservers.arrived(way, DORA, mark) == message


def test_so_does_what_is_sent_by_a_main_password_where_it_is_not_enforced(mailservers, house, way):
    with client_of(house) as client:
        mark, message = submitted(client, ENNO, MAIN[ENNO], [ENNO])
    assert mailservers.arrived(way, ENNO, mark) == message


@pytest.mark.parametrize(
    ("login", "password"),
    [(DORA, "not the password"), (FRITZ, MAIN[FRITZ]), (FRITZ, "backend-secret"), ("x@example.test", "x")],
)
def test_wrong_credentials_are_refused_with_535(house, login, password):
    with client_of(house) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            client.login(login, password)
        code, text = refused.value.args
        assert (code, text.decode()[: len(WRONG[1])]) == WRONG
        assert client.mail(login)[0] == 530


def test_before_the_login_a_client_is_told_what_the_server_can_do(house, way):
    with client_of(house) as client:
        client.ehlo()
        told = client.esmtp_features
        client.login(FRITZ, house.given[FRITZ].secret)
        client.ehlo()
    assert told.pop("auth").split() == ["LOGIN", "PLAIN", "LOGIN", "PLAIN"]
    assert {"size", "8bitmime", "chunking"} <= told.keys()
    own = set(client.esmtp_features) - {"auth", "starttls", "xclient", "pipeconnect"}
    # Dovecot's submission shows a client who is in what its relay can do as well.
    assert told.keys() <= own if way == DOVECOT else told.keys() == own


def test_everything_behind_the_login_runs_once_and_in_order(mailservers, house, way):
    mark = uuid.uuid4().hex
    with client_of(house) as client:
        client.login(FRITZ, house.given[FRITZ].secret)
        commands = f"MAIL FROM:<{FRITZ}>\r\nRCPT TO:<{FRITZ}>\r\nDATA\r\n"
        client.send(commands)
        codes = [client.getreply()[0] for _ in range(3)]
        client.send(f"Subject: {mark}\r\n\r\nfirst\r\n.\r\nRSET\r\nNOOP\r\n")
        codes += [client.getreply()[0] for _ in range(3)]
    assert codes == [250, 250, 354, 250, 250, 250]
    assert b"first" in mailservers.arrived(way, FRITZ, mark.encode())


def test_a_message_goes_by_bdat_where_the_server_takes_chunks(mailservers, house, way):
    mark = uuid.uuid4().hex
    message = f"Subject: {mark}\r\n\r\n.\r\n..\r\nQUIT\r\n".encode()
    with client_of(house) as client:
        client.login(FRITZ, house.given[FRITZ].secret)
        client.mail(FRITZ)
        client.rcpt(FRITZ)
        client.send(b"BDAT %d\r\n%bBDAT %d LAST\r\n%b" % (9, message[:9], len(message) - 9, message[9:]))
        assert [client.getreply()[0] for _ in range(2)] == [250, 250]
    assert mailservers.arrived(way, FRITZ, mark.encode()).endswith(b"\r\n\r\n.\r\n..\r\nQUIT\r\n")


@pytest.mark.parametrize("command", ["XCLIENT ADDR=192.0.2.1", "XFORWARD ADDR=192.0.2.1", "STARTTLS"])
def test_a_user_who_is_in_cannot_become_somebody_else(house, command):
    with client_of(house) as client:
        client.login(FRITZ, house.given[FRITZ].secret)
        code, _ = client.docmd(command)
    assert 500 <= code < 560


def test_a_user_who_is_in_cannot_log_in_again(house):
    with client_of(house) as client:
        client.login(FRITZ, house.given[FRITZ].secret)
        code, _ = client.docmd("AUTH PLAIN", _initial(DORA, MAIN[DORA]))
        assert code in (502, 503)
        assert client.mail(FRITZ)[0] == 250  # and is still who he was


def _initial(login, password):
    return smtplib.encode_base64(f"\0{login}\0{password}".encode(), eol="")


@pytest.mark.parametrize("way", [POSTFIX_XCLIENT, POSTFIX_BOTH], indirect=True)
@pytest.mark.parametrize(("kind", "password"), [("admitted", ""), ("passed-through", MAIN[DORA])])
def test_postfix_is_told_where_the_client_is_and_who(mailservers, house, way, kind, password):
    source = f"127.{len(kind)}.{len(way)}.9"
    with client_of(house, source) as client:
        submitted(client, DORA, password or house.given[DORA].secret, [DORA])
    line = mailservers.postfix.logged(rf"client=\S+\[{re.escape(source)}\]:?\S*, .*sasl_username=(\S+)")
    assert line[1] == DORA


@pytest.mark.parametrize("way", [DOVECOT], indirect=True)
def test_dovecot_is_told_where_the_client_is_and_who(mailservers, house):
    with client_of(house, "127.9.9.9") as client:
        client.login(DORA, house.given[DORA].secret)
    assert mailservers.dovecot.logged(rf"submission-login: Info: Login: user=<{DORA}>.* rip=127\.9\.9\.9,")


def test_a_server_that_would_believe_its_users_is_found_at_the_login(mailservers, opened):
    with opened(mailservers.gullible()) as house:
        with client_of(house) as client, pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            client.login(FRITZ, house.given[FRITZ].secret)
        assert refused.value.args == (LATER[0], LATER[1].encode())
        line = house.gateway.wait_for_log("backend failed")
    assert "the backend would take XCLIENT from this user; forbid it there" in line


def test_it_is_used_where_the_configuration_says_that_this_is_meant(mailservers, opened):
    with opened(mailservers.gullible('trusted_commands = ["XCLIENT"]\n')) as house:
        with client_of(house) as client:
            mark, message = submitted(client, FRITZ, house.given[FRITZ].secret, [FRITZ])
        assert mailservers.arrived(POSTFIX_XCLIENT, FRITZ, mark) == message


@pytest.mark.parametrize("way", [POSTFIX_MASTER], indirect=True)
def test_a_server_that_is_down_is_a_temporary_refusal_and_serves_again_once_it_is_back(mailservers, house):
    mailservers.postfix.stop()
    try:
        for login, password in ((FRITZ, house.given[FRITZ].secret), (DORA, MAIN[DORA])):
            with client_of(house) as client, pytest.raises(smtplib.SMTPAuthenticationError) as refused:
                client.login(login, password)
            assert refused.value.args == (LATER[0], LATER[1].encode())
    finally:
        mailservers.postfix.start()
    with client_of(house) as client:
        mark, message = submitted(client, FRITZ, house.given[FRITZ].secret, [FRITZ])
    assert mailservers.arrived(POSTFIX_MASTER, FRITZ, mark) == message


@pytest.mark.parametrize("way", [POSTFIX_XCLIENT, EXIM], indirect=True)
def test_a_message_in_smtputf8_arrives_as_it_was_sent(mailservers, house, way):
    mark = uuid.uuid4().hex
    message = head(mark) + "From: Dörte <dörte@example.test>\r\nSubject: Grüße\r\n\r\nÄ\r\n".encode()
    with client_of(house) as client:
        client.login(DORA, house.given[DORA].secret)
        client.sendmail("dörte@example.test", [DORA], message, ["SMTPUTF8", "BODY=8BITMIME"])
    assert mailservers.arrived(way, DORA, mark.encode()) == message
