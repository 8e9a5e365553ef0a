"""The gateway in front of Debian's Dovecot: every way to log in, every kind of TLS, and what goes wrong."""

import imaplib
import re

import pytest

from tests.gateway.before_dovecot import (
    DORA,
    ENNO,
    FRITZ,
    MAIN,
    REFUSED,
    SHARED,
    STATES,
    UNAVAILABLE,
    backend,
    new_dovecot,
    open_mailhouse,
)
from tests.servers.certificates import Authority
from tests.servers.ports import free_ports

WAYS = {
    "master-implicit": {"login": "master", "tls": "implicit"},
    "separator-starttls": {"login": "master-separator", "tls": "starttls"},
    "shared-plain": {"login": "shared-password", "tls": "none"},
}


@pytest.fixture(scope="module")
def dovecot():
    with new_dovecot(SHARED) as server:
        for login in STATES:
            server.deliver(login, f"Subject: for {login}\r\n\r\nHello\r\n".encode())
        yield server


@pytest.fixture(scope="module", params=WAYS)
def way(request):
    return WAYS[request.param]


@pytest.fixture(scope="module")
def house(way, dovecot, authority, tmp_path_factory):
    settings = backend(dovecot, **way)
    with open_mailhouse(tmp_path_factory.mktemp("gateway"), authority, dovecot, settings) as house:
        yield house


def subjects(client):
    client.select(readonly=True)
    found = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
    return [part[1].strip() for part in found if isinstance(part, tuple)]


@pytest.mark.parametrize("login", STATES)
def test_an_app_password_opens_the_mailbox_of_its_user(house, login):
    with house.logged_in(login) as client:
        assert subjects(client) == [f"Subject: for {login}".encode()]


@pytest.mark.parametrize("login", [DORA, ENNO])
def test_the_main_password_opens_it_too_where_it_is_not_enforced(house, login):
    with house.logged_in(login, MAIN[login]) as client:
        assert subjects(client) == [f"Subject: for {login}".encode()]


@pytest.mark.parametrize("login", STATES)
def test_a_wrong_main_password_is_refused(house, login):
    assert house.answer(login, "not the password") == REFUSED


def test_the_main_password_of_an_enforced_user_is_never_shown_to_dovecot(house):
    before = house.dovecot.log()
    assert house.answer(FRITZ, MAIN[FRITZ]) == REFUSED
    assert house.dovecot.log() == before


def test_the_secret_of_the_backend_lets_nobody_in_through_the_gateway(house):
    assert house.answer(FRITZ, "backend-secret") == REFUSED
    assert house.answer(f"{FRITZ}*gate", "backend-secret") == REFUSED


@pytest.mark.parametrize(("kind", "password"), [("admitted", ""), ("passed-through", MAIN[DORA])])
def test_dovecot_is_told_where_the_client_is(house, way, kind, password):
    source = f"127.{len(way['tls'])}.{len(kind)}.9"
    with house.logged_in(DORA, password, source) as client:
        assert subjects(client)
    line = house.dovecot.logged(rf"Login: user=<{re.escape(DORA)}>.* rip={re.escape(source)},.*")[0]
    assert (", TLS" in line) is (way["tls"] != "none")


def test_another_name_at_the_backend_is_used_and_an_alias_is_the_same_user(house):
    name, alias = "f.schmidt@example.test", "fs@example.test"
    house.people.add(name, "enforced", aliases=[alias], backend_login=FRITZ)
    given = house.people.give(name)
    for login in (name, alias.title()):
        with house.logged_in(login, given.secret) as client:
            assert subjects(client) == [f"Subject: for {FRITZ}".encode()]


def test_what_the_client_sees_after_the_login_are_dovecots_own_capabilities(house):
    with imaplib.IMAP4(house.dovecot.host, house.dovecot.plain) as client:
        client.login(DORA, MAIN[DORA])
        own = client.capability()[1]
    with house.logged_in(DORA) as client:
        assert client.capability()[1] == own


def test_a_dovecot_that_is_down_is_a_temporary_refusal_and_serves_again_once_it_is_back(house):
    house.dovecot.stop()
    try:
        assert house.answer(FRITZ, house.given[FRITZ].secret) == UNAVAILABLE
        assert house.answer(DORA, MAIN[DORA]) == UNAVAILABLE
    finally:
        house.dovecot.start()
    assert house.answer(FRITZ, house.given[FRITZ].secret) == "OK"
    assert house.answer(DORA, MAIN[DORA]) == "OK"


def test_commands_behind_the_login_are_run_by_dovecot_once_and_in_order(house):
    commands = f"a LOGIN {FRITZ} {house.given[FRITZ].secret}\r\nb SELECT INBOX\r\nc LOGOUT\r\n"
    with house.gateway.connect() as sock, sock.makefile("rb") as answers:
        sock.sendall(commands.encode())
        said = answers.read()
    assert re.findall(rb"(?m)^[abc] \w+", said) == [b"a OK", b"b OK", b"c OK"]


def test_the_second_address_serves_while_the_first_is_dead(dovecot, authority, tmp_path):
    [dead] = free_ports(1)
    settings = backend(dovecot, address=f'["127.0.0.1:{dead}", "localhost:{dovecot.imaps}"]')
    with open_mailhouse(tmp_path, authority, dovecot, settings) as house:
        with house.logged_in(FRITZ) as client:
            assert subjects(client) == [f"Subject: for {FRITZ}".encode()]
        assert f"127.0.0.1 port {dead}" in house.gateway.wait_for_log("backend failed")


@pytest.mark.parametrize(
    ("tls", "fault"), [("implicit", "untrusted"), ("starttls", "untrusted"), ("starttls", "wrong-name")]
)
def test_a_dovecot_with_a_bad_certificate_gets_no_credentials(dovecot, authority, tmp_path, tls, fault):
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    more = f'ca_file = "{other.ca_file}"\n' if fault == "untrusted" else 'server_name = "imap.example.test"\n'
    with open_mailhouse(tmp_path, authority, dovecot, backend(dovecot, tls=tls, more=more)) as house:
        before = len(dovecot.log())
        assert house.answer(FRITZ, house.given[FRITZ].secret) == UNAVAILABLE
        assert house.answer(DORA, MAIN[DORA]) == UNAVAILABLE
        assert "certificate not accepted" in house.gateway.wait_for_log("backend failed")
        dovecot.logged(r"no auth attempts")
        assert not re.search(r"Login: |auth failed|method=", dovecot.log()[before:])


def test_a_certificate_is_taken_unseen_only_where_the_configuration_says_so(dovecot, authority, tmp_path):
    more = 'verify = false\nserver_name = "imap.example.test"\n'
    with open_mailhouse(tmp_path, authority, dovecot, backend(dovecot, more=more)) as house:
        assert house.answer(FRITZ, house.given[FRITZ].secret) == "OK"
