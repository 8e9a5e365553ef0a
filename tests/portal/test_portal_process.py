"""The portal as a process: what it needs to start, whom it believes, and how it stops."""

import os
import re
import socket
import stat
import subprocess
import threading

import httpx2
import pytest

from store.portal import registration
from store.portal.authenticators import new_secret
from store.portal.key import portal_key
from tests.gateway.people import People
from tests.portal.caller import LOCAL, calling, give_password
from tests.servers.gateway import WICKETGATE, Gateway
from tests.servers.portal import Portal

SETTINGS = LOCAL
NEVER_ASKED = """
[[backend]]
protocol = "PROTOCOL"
address = "127.0.0.1:1"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""
REST = LOCAL[: LOCAL.index("[[backend]]")]
NO_IMAP = REST + NEVER_ASKED.replace("PROTOCOL", "pop3")
TO_ALL = NO_IMAP.replace("127.0.0.1:{third}", "0.0.0.0:{third}")
MAIL_IN_CLEAR = """
[notices]
smtp = "mail.example.test:25"
tls = "none"
username = "wicketgate"
password_file = "secret"
sender = "security@example.test"
"""
PORTAL_URL = 'portal_url = "https://localhost:{third}/security"'


@pytest.fixture
def started(tmp_path):
    """Runs `wicketgate portal` with these settings until it ends by itself: exit code and what it said."""

    def start(settings, users=None, more=""):
        gateway = Gateway(tmp_path, settings)
        people = People(tmp_path)
        if users is not None:
            users(people)
        people.close()
        if more:
            gateway.configure(re.sub(*more, gateway.config.read_text()))
        environment = {**os.environ, "WICKETGATE_CONFIG": str(gateway.config)}
        done = subprocess.run(
            [WICKETGATE, "portal"], capture_output=True, text=True, env=environment, timeout=30
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr

    return start


class TestWhatIsToldAtTheStart:
    @pytest.mark.parametrize(
        ("settings", "told"),
        [
            (NO_IMAP.replace('"local"', '"imap"'), 'no [[backend]] with protocol = "imap"'),
            (NO_IMAP.replace('"local"', '"ldap"'), "directory.dn_template"),
            (NO_IMAP.replace("https://", "http://"), "needs the https:// URL"),
            (NO_IMAP.replace(PORTAL_URL, ""), "needs the https:// URL"),
            (TO_ALL.replace("[portal]", "[portal]\ntls = false"),
             "passwords go in clear"),
            (NO_IMAP.replace('key_file = "portal.key"', ""), "portal.key_file"),
            (NO_IMAP.replace("[portal]", '[portal]\nsign_in = "x"').replace('sign_in = "local"\n', ""),
             "portal.sign_in"),
            (NO_IMAP + MAIL_IN_CLEAR, 'notices.tls: "none" would send the password in the clear'),
        ],
        ids=["imap", "ldap", "http", "no url", "clear", "key", "way", "mail in clear"],
    )  # fmt: skip
    def test_a_configuration_that_can_not_work(self, started, settings, told):
        code, said = started(settings)
        assert (code, told in said) == (os.EX_CONFIG, True), said

    def test_no_certificate(self, started):
        code, said = started(NO_IMAP, more=(r"certificate = .*\nkey = .*", ""))
        assert (code, "needs tls.certificate and tls.key" in said) == (os.EX_CONFIG, True), said

    def test_an_address_that_is_taken(self, started):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            code, said = started(
                NO_IMAP.replace('address = "127.0.0.1:{third}"', f'address = "127.0.0.1:{port}"')
            )
        assert (code, "Check portal.address" in said) == (1, True), said

    def test_a_secret_that_can_be_guessed_signs_no_events(self, started, tmp_path):
        hook = '[notices]\nwebhook = "https://hooks.example.test/"\nwebhook_secret_file = "short"\n'
        (tmp_path / "short").write_text("guessable")
        (tmp_path / "short").chmod(0o600)
        code, said = started(NO_IMAP + hook)
        assert (code, "holds 9 bytes; allowed are 32 or more" in said) == (os.EX_CONFIG, True), said

    def test_a_key_that_is_gone(self, started):
        def register(people):
            people.add("fritz@example.test", "enabled")
            key = portal_key(bytes(32))
            registration.register_authenticator(people.database, key, 1, "x", new_secret(), 1, actor="test")

        code, said = started(NO_IMAP, register)
        assert (code, "Restore it from a backup" in said) == (1, True), said


def test_the_key_is_for_its_owner_alone(site):
    assert stat.S_IMODE((site.gateway.folder / "portal.key").stat().st_mode) == 0o600


def test_no_secret_is_in_the_log(site, login):
    with calling(site) as caller:
        caller.sign_up(give_password(site, login))
        caller.sign_in(login, "a wrong password")
        secrets = [caller.cookie, caller.secret, *caller.codes, "a wrong password"]
    log = site.portal.log()
    assert login in log
    assert not [one for one in secrets if one and one in log]


def test_log_lines_can_not_be_forged(site):
    with calling(site) as caller:
        caller.sign_in("x\nevent=forged\r\n verdict=admitted\x1b[0m")
    assert not re.search(r"^(event=forged| verdict)", site.portal.log(), re.M)
    assert "\x1b[0m" not in site.portal.log()


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """One without TLS, on loopback, with the web server's networks in portal.proxies."""
    folder = tmp_path_factory.mktemp("behind")
    more = '[portal]\ntls = false\nproxies = ["127.0.0.0/8", "192.0.2.0/24"]'
    gateway = Gateway(folder, NO_IMAP.replace("[portal]", more))
    People(folder).close()
    with Portal(gateway, gateway.third, scheme="http") as portal:
        yield portal


@pytest.mark.parametrize(
    ("sent", "believed"),
    [
        (["198.51.100.7"], "198.51.100.7"),
        (["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        (["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
        (["198.51.100.7, 192.0.2.1"], "198.51.100.7"),
        (["2001:db8::7"], "2001:db8::7"),
        (["::ffff:198.51.100.8"], "198.51.100.8"),
        (["203.0.113.9, nonsense"], "127.0.0.1"),
        ([""], "127.0.0.1"),
        ([], "127.0.0.1"),
    ],
    ids=str,
)
def test_a_client_is_the_last_address_that_is_no_proxys(behind, sent, believed):
    assert address_of(behind, sent) == believed


@pytest.mark.parametrize(
    ("sent", "believed"),
    [
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[::ffff:203.0.113.7]:4711", "203.0.113.7"),
        ("198.51.100.9, 203.0.113.7:4711, 192.0.2.1:80", "203.0.113.7"),
        ("203.0.113.7:65535", "203.0.113.7"),
    ],
)
def test_web_23_an_address_with_a_port_is_the_clients(behind, sent, believed):
    assert address_of(behind, [sent]) == believed


@pytest.mark.parametrize(
    "garbage",
    [
        "203.0.113.7:", ":4711", "203.0.113.7:65536", "203.0.113.7:-1", "203.0.113.7:4711:1",
        "203.0.113.7:0x50", "203.0.113.7 x", "[203.0.113.7]:80",
        "[2001:db8::1", "2001:db8::1]:4711", "[2001:db8::1]4711",
        "[2001:db8::1]:", "[]", "fe80::1%eth0", "[fe80::1%25eth0]:80", "0203.0.113.7", "203.0.113", "unknown",
        "_hidden", "for=203.0.113.7", '"203.0.113.7"', "203.0.113.7;", ",", "198.51.100.9,",
        "203.0.113.7:\uff14\uff17",
    ],
)  # fmt: skip
def test_web_24_what_is_no_address_is_the_proxys_and_nobody_elses(behind, garbage):
    """What stands before it may be the client's own words, so that is not believed either."""
    assert address_of(behind, [f"203.0.113.9, {garbage}"]) == "127.0.0.1"


def address_of(behind, sent):
    """Whom the portal takes for the client, by the line of a sign-in."""
    name = f"nobody-{abs(hash(str(sent)))}"
    headers = [("Origin", behind.origin), *(("X-Forwarded-For", one.encode()) for one in sent)]
    answer = httpx2.post(
        f"{behind.listens_at}/sign-in", data={"login": name, "password": "x"}, headers=headers
    )
    assert answer.status_code in (403, 429)
    [line] = [line for line in behind.log().splitlines() if name in line]
    [address] = [word for word in line.split() if word.startswith("address=")]
    return address.removeprefix("address=")


def test_a_stop_lets_those_end_who_are_under_way(tmp_path):
    gateway = Gateway(tmp_path, NO_IMAP.replace("refusal_seconds = 0.05", "refusal_seconds = 1.5"))
    People(tmp_path).close()
    answers = []

    def sign_in(portal):
        fields = {"login": "nobody@example.test", "password": "x"}
        context = gateway.client_context()
        with httpx2.Client(verify=context, timeout=30) as client:
            answers.append(
                client.post(f"{portal.url}/sign-in", data=fields, headers={"Origin": portal.origin})
            )

    with Portal(gateway, gateway.third) as portal:
        under_way = threading.Thread(target=sign_in, args=(portal,))
        under_way.start()
        while "verdict=refused" not in portal.log():
            assert under_way.is_alive()
        assert portal.stop() == 0
        under_way.join()
    assert [one.status_code for one in answers] == [403]
    assert "portal stopped" in portal.log()


def test_many_who_ask_a_backend_that_hangs_keep_nobody_else_waiting(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        backend = f"""[[backend]]
protocol = "imap"
address = "127.0.0.1:{port}"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""
        settings = REST.replace('sign_in = "local"', 'sign_in = "imap"') + backend
        gateway = Gateway(tmp_path, settings.replace("[limits]", "[limits]\nbackend_seconds = 5"))
        People(tmp_path).close()
        with Portal(gateway, gateway.third) as portal:
            request = b"\r\n".join(
                [
                    b"POST /security/sign-in HTTP/1.1",
                    f"Host: localhost:{gateway.third}".encode(),
                    f"Origin: {portal.origin}".encode(),
                    b"Content-Type: application/x-www-form-urlencoded",
                    b"Content-Length: 18",
                    b"",
                    b"login=%s&password=x",
                ]
            )
            context = gateway.client_context()
            waiting = []
            for number in range(60):
                plain = socket.create_connection(("127.0.0.1", gateway.third), timeout=20)
                one = context.wrap_socket(plain, server_hostname="localhost")
                one.sendall(request % f"{number:02}".encode())
                waiting.append(one)
            with httpx2.Client(verify=context, timeout=2) as client:
                assert client.get(f"{portal.url}/sign-in").status_code == 200
            for one in waiting:
                one.close()
