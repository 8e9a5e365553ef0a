"""SMTP smuggling: the ends of data that only some servers take for one, through the gateway to Postfix.

The gateway's own address is among those that Postfix lets off its rules. They hold all the same, because
XCLIENT tells it the client's address.
"""

import contextlib
import smtplib
import uuid

import pytest

from tests.gateway.before_dovecot import FRITZ, open_mailhouse
from tests.gateway.mailservers import POSTFIX_XCLIENT
from tests.gateway.submitting import client_of
from tests.servers.maildir import arrived, messages

pytestmark = pytest.mark.timeout(60)

# What the end of data is not (RFC 5321, section 4.1.1.4: it is CR LF . CR LF alone).
NEARLY = {
    "smug_01": b"\n.\n",
    "smug_02": b"\r.\r",
    "smug_03": b"\r.\n",
    "smug_04": b"\n.\r",
    "smug_05": b"\n.\r\n",
    "smug_06": b"\r\n.\n",
    "smug_07": b"\r.\r\n",
    "smug_08": b"\r\n.\r",
    "smug_09": b"\r\n\0.\r\n",
    "smug_10": b"\r\n.\0\r\n",
    "smug_11": b"\r\n.\r\r\n",
}


@pytest.fixture(scope="module")
def house(mailservers, authority, tmp_path_factory):
    settings = mailservers.submission(POSTFIX_XCLIENT)
    folder = tmp_path_factory.mktemp("gateway")
    with open_mailhouse(folder, authority, mailservers.dovecot, settings) as house:
        yield house


def smuggle(client, mark, ending, head=b""):
    """One message with another one in it. Returns when the server has closed."""
    hidden = f"MAIL FROM:<{FRITZ}>\r\nRCPT TO:<{FRITZ}>\r\nDATA\r\nSubject: hidden {mark}\r\n\r\n".encode()
    client.mail(FRITZ)
    client.rcpt(FRITZ)
    client.docmd("DATA")
    client.send(b"Subject: open " + mark.encode() + head + b"\r\n\r\nbody" + ending + hidden + b"\r\n.\r\n")
    with contextlib.suppress(smtplib.SMTPServerDisconnected):
        client.send(b"QUIT\r\n")
        while True:
            client.getreply()


@pytest.mark.parametrize("ending", NEARLY.values(), ids=NEARLY)
def test_smug_01_to_11_nothing_but_the_end_of_data_ends_a_message(mailservers, house, ending):
    mark = uuid.uuid4().hex
    with contextlib.suppress(smtplib.SMTPServerDisconnected), client_of(house) as client:
        client.login(FRITZ, house.given[FRITZ].secret)
        smuggle(client, mark, ending)
    assert_not_smuggled(mailservers, house, mark)


@pytest.mark.parametrize("ending", NEARLY.values(), ids=NEARLY)
def test_smug_14_nor_does_it_in_the_header(mailservers, house, ending):
    mark = uuid.uuid4().hex
    with contextlib.suppress(smtplib.SMTPServerDisconnected), client_of(house) as client:
        client.login(FRITZ, house.given[FRITZ].secret)
        smuggle(client, mark, b"\r\n", b"\r\nX-Open: yes" + ending)
    assert_not_smuggled(mailservers, house, mark)


def assert_not_smuggled(mailservers, house, mark):
    """A message that is sent afterwards has arrived: what was smuggled in would have, too."""
    after = uuid.uuid4().hex
    with client_of(house) as client:
        client.login(FRITZ, house.given[FRITZ].secret)
        client.sendmail(FRITZ, [FRITZ], f"Subject: {after}\r\n\r\n".encode())
    box = mailservers.postfix.maildir(FRITZ)
    arrived(box, after.encode())
    assert not [one for one in messages(box) if one.startswith(b"Subject: hidden " + mark.encode())]


def test_without_xclient_the_gateways_address_would_let_it_through(mailservers):
    """Shows that the attack works, and what keeps it off: this client has the gateway's address."""
    mark = uuid.uuid4().hex
    with smtplib.SMTP("127.0.0.1", mailservers.postfix.port("relay")) as client:
        client.ehlo()
        smuggle(client, mark, NEARLY["smug_01"])
    assert arrived(mailservers.postfix.maildir(FRITZ), f"Subject: hidden {mark}".encode())


@pytest.mark.parametrize("at", range(1, 5))
def test_smug_13_the_end_of_data_may_come_in_parts(mailservers, house, at):
    mark, end = uuid.uuid4().hex, b"\r\n.\r\n"
    with client_of(house) as client:
        client.login(FRITZ, house.given[FRITZ].secret)
        client.mail(FRITZ)
        client.rcpt(FRITZ)
        client.docmd("DATA")
        for part in (f"Subject: {mark}\r\n\r\nbody".encode() + end[:at], end[at:]):
            client.send(part)
        assert client.getreply()[0] == 250
    assert arrived(mailservers.postfix.maildir(FRITZ), mark.encode()).endswith(b"\r\n\r\nbody\r\n")


def test_smug_15_an_end_of_data_across_chunks_is_none(mailservers, house):
    mark, chunks = uuid.uuid4().hex, "BDAT 3\r\nx\r\nBDAT 3\r\n.\r\n"
    last = f"Subject: {mark}\r\n\r\n.\r\nMAIL FROM:<x>\r\n"
    with client_of(house) as client:
        client.login(FRITZ, house.given[FRITZ].secret)
        client.mail(FRITZ)
        client.rcpt(FRITZ)
        client.send(f"{chunks}BDAT {len(last)} LAST\r\n{last}NOOP\r\n")
        assert [client.getreply()[0] for _ in range(4)] == [250] * 4
    assert arrived(mailservers.postfix.maildir(FRITZ), mark.encode()).endswith(b"MAIL FROM:<x>\r\n")
