"""Real mail clients before the gateway and Dovecot behind it: what they fetch and store is unharmed."""

import hashlib
import imaplib
import random

import pytest

from tests.gateway.before_dovecot import DORA, ENNO, FRITZ, MAIN, STATES, new_dovecot, open_mailhouse
from tests.gateway.mail import MESSAGE, fetched, run

pytestmark = pytest.mark.timeout(60)

BIG = 20 * 1024 * 1024


@pytest.fixture(scope="module")
def house(authority, tmp_path_factory):
    with new_dovecot() as dovecot:
        for login in STATES:
            dovecot.deliver(login, MESSAGE)
        with open_mailhouse(tmp_path_factory.mktemp("gateway"), authority, dovecot) as house:
            yield house


@pytest.fixture(params=[*STATES, f"{DORA}, main password", f"{ENNO}, main password"])
def who(request, house):
    """A login and its password: the app password of each user, and the main password where that passes."""
    login, comma, _ = request.param.partition(",")
    return login, MAIN[login] if comma else house.given[login].secret


def big_message(seed):
    """Octets of all kinds in lines, as a base64 attachment never has them."""
    chance = random.Random(seed)
    lines = [chance.randbytes(700).translate(None, b"\r\n\0") for _ in range(BIG // 680)]
    return b"Subject: big\r\n\r\n" + b"\r\n".join(lines) + b"\r\n"


def digest(octets):
    return hashlib.sha256(octets).hexdigest()  # an assertion about 20 MB should not print them


def test_imaplib_by_login(house, who):
    with house.connect() as client:
        client.login(*who)
        assert fetched(client) == MESSAGE


def test_imaplib_by_authenticate_plain(house, who):
    with house.connect() as client:
        client.authenticate("PLAIN", lambda _: "\0".join(["", *who]).encode())
        assert fetched(client) == MESSAGE


def test_imaplib_by_starttls(house, who):
    with imaplib.IMAP4("localhost", house.gateway.imap) as client:
        client.starttls(house.gateway.client_context())
        client.login(*who)
        assert fetched(client) == MESSAGE


def curl(house, who, url, *more):
    user = "{}:{}".format(*who)
    return run("curl", "-sS", "--cacert", house.gateway.authority.ca_file, "-u", user, *more, url)


@pytest.mark.parametrize("mechanism", ["", "AUTH=PLAIN", "AUTH=LOGIN"])
def test_curl_with_implicit_tls(house, who, mechanism):
    more = ["--login-options", mechanism] if mechanism else []
    url = f"imaps://127.0.0.1:{house.gateway.imaps}/INBOX;MAILINDEX=1"
    assert curl(house, who, url, *more) == MESSAGE


def test_curl_with_starttls(house, who):
    url = f"imap://127.0.0.1:{house.gateway.imap}/INBOX;MAILINDEX=1"
    assert curl(house, who, url, "--ssl-reqd") == MESSAGE


def test_imaplib_sits_in_idle_and_reads_a_message_that_arrives_meanwhile(house):
    with house.logged_in(FRITZ) as client:
        there = int(client.select()[1][0])
        client.send(b"x IDLE\r\n")
        assert client.readline().startswith(b"+ ")
        house.dovecot.deliver(FRITZ, b"Subject: news\r\n\r\nfresh\r\n")
        assert client.readline() == b"* %d EXISTS\r\n" % (there + 1)
        client.send(b"DONE\r\n")
        while not client.readline().startswith(b"x OK"):
            pass
        assert fetched(client, number=str(there + 1)) == b"Subject: news\r\n\r\nfresh\r\n"


def test_a_message_of_20_mib_is_fetched_byte_for_byte(house):
    big = big_message(1)
    house.dovecot.deliver(FRITZ, big)
    with house.logged_in(FRITZ) as client:
        assert digest(fetched(client, number="*")) == digest(big)


def test_a_message_of_20_mib_is_appended_byte_for_byte(house, tmp_path):
    big = big_message(2)
    (tmp_path / "big").write_bytes(big)
    with house.logged_in(FRITZ) as client:
        assert client.append("ByImaplib", None, None, big)[0] == "NO"  # and says that it isn't there
        client.create("ByImaplib")
        client.create("ByCurl")
        assert client.append("ByImaplib", None, None, big)[0] == "OK"
    who = FRITZ, house.given[FRITZ].secret
    curl(house, who, f"imaps://127.0.0.1:{house.gateway.imaps}/ByCurl", "-T", tmp_path / "big")
    with imaplib.IMAP4("localhost", house.dovecot.plain) as direct:
        direct.login(FRITZ, MAIN[FRITZ])
        for mailbox in ("ByImaplib", "ByCurl"):
            assert digest(fetched(direct, mailbox)) == digest(big)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("port", "more"), [("imaps", ()), ("imap", ("-starttls", "imap"))])
def test_openssl_s_client_by_hand(house, port, more, end):
    lines = [
        f"a login {FRITZ} {house.given[FRITZ].secret}",
        "b select inbox",
        "c fetch 1 body.peek[]",
        "d logout",
    ]
    connect = [
        "-connect",
        f"localhost:{getattr(house.gateway, port)}",
        "-CAfile",
        house.gateway.authority.ca_file,
    ]
    said = run(
        *["openssl", "s_client", "-quiet", "-verify_return_error", *connect, *more],
        text="".join(line + end for line in lines).encode(),
    )
    assert b"BODY[] {%d}\r\n%b)\r\n" % (len(MESSAGE), MESSAGE) in said
    assert b"\r\nd OK " in said


def test_a_pasted_app_password_in_groups_works_typed_by_hand_without_quotes(house):
    secret = house.given[FRITZ].secret
    groups = " ".join(secret[at : at + 4] for at in range(0, 16, 4))
    said = run(
        *["openssl", "s_client", "-quiet", "-connect", f"localhost:{house.gateway.imaps}"],
        *["-CAfile", house.gateway.authority.ca_file],
        text=f"a login {FRITZ} {groups}\nb logout\n".encode(),
    )
    assert b"a OK " in said
