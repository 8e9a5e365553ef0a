"""Real programs that fetch mail by POP3, through the gateway from Dovecot."""

import poplib

import pytest

from tests.gateway.before_dovecot import DORA, FRITZ, MAIN, STATES, backend, new_dovecot, open_mailhouse
from tests.gateway.mail import MESSAGE, run

pytestmark = pytest.mark.timeout(60)

REFUSED = "[AUTH] Wrong user name or password. With two-step verification, use an app password: "
BACKENDS = {
    "implicit": {"tls": "implicit", "login": "master"},
    "STLS": {"tls": "starttls", "login": "master-separator"},
    "none": {"tls": "none", "login": "master"},
}


@pytest.fixture(scope="module")
def dovecot():
    with new_dovecot() as server:
        for login in STATES:
            server.deliver(login, MESSAGE)
        yield server


@pytest.fixture(scope="module", params=BACKENDS)
def house(request, dovecot, authority, tmp_path_factory):
    settings = backend(dovecot, "pop3", **BACKENDS[request.param])
    with open_mailhouse(tmp_path_factory.mktemp("gateway"), authority, dovecot, settings) as house:
        yield house


@pytest.fixture(params=[FRITZ, f"{DORA}, main password"])
def who(request, house):
    login, comma, _ = request.param.partition(",")
    return login, MAIN[login] if comma else house.given[login].secret


def connect(house, tls="implicit"):
    context = house.gateway.client_context()
    if tls == "implicit":
        return poplib.POP3_SSL("localhost", house.gateway.ports["pop3s"], timeout=20, context=context)
    client = poplib.POP3("localhost", house.gateway.ports["pop3"], timeout=20)
    client.stls(context)
    return client


def fetched(client):
    """The first message, as it stands in the mailbox."""
    return b"\r\n".join(client.retr(1)[1]) + b"\r\n"


@pytest.mark.parametrize("tls", ["implicit", "STLS"])
def test_poplib(house, who, tls):
    client = connect(house, tls)
    client.user(who[0])
    client.pass_(who[1])
    assert client.stat()[0] == 1
    assert fetched(client) == MESSAGE
    assert client.quit().startswith(b"+OK")


def test_poplib_is_told_before_the_login_what_the_gateway_takes_and_the_server_can_do(house):
    client = connect(house)
    capabilities = client.capa()
    client.quit()
    assert capabilities["SASL"] == ["PLAIN", "LOGIN"]
    assert {"USER", "TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING"} <= capabilities.keys()
    assert not {"STLS", "APOP"} & capabilities.keys()


@pytest.mark.parametrize(("login", "password"), [(FRITZ, MAIN[FRITZ]), (DORA, "wrong"), ("x@y.test", "x")])
def test_poplib_is_refused_with_the_reason(house, login, password):
    client = connect(house)
    client.user(login)
    with pytest.raises(poplib.error_proto) as refused:
        client.pass_(password)
    assert refused.value.args[0].decode().startswith(f"-ERR {REFUSED}")
    client.close()


def test_a_message_is_deleted_at_quit_and_not_before(dovecot, house):
    dovecot.deliver(DORA, b"Subject: to be deleted\r\n\r\n")
    for end in ("close", "quit", "quit"):
        client = connect(house)
        client.user(DORA)
        client.pass_(house.given[DORA].secret)
        count = client.stat()[0]
        if count > 1:
            client.dele(count)
        getattr(client, end)()
    assert count == 1


def test_dovecot_is_told_where_the_client_is(dovecot, house):
    source = f"127.8.8.{len(dovecot.log()) % 200 + 2}"
    run(*curl(house, (FRITZ, house.given[FRITZ].secret), "--interface", source))
    assert dovecot.logged(rf"pop3-login\S*: Info: Login: user=<{FRITZ}>.* rip={source},")


def curl(house, who, *more):
    url = f"pop3s://localhost:{house.gateway.ports['pop3s']}/1"
    user = "{}:{}".format(*who)
    return ["curl", "-sS", "--cacert", house.gateway.authority.ca_file, "-u", user, *more, url]


@pytest.mark.parametrize("mechanism", ["", "AUTH=PLAIN", "AUTH=LOGIN"])
def test_curl(house, who, mechanism):
    more = ["--login-options", mechanism] if mechanism else []
    assert run(*curl(house, who, *more)) == MESSAGE


@pytest.mark.parametrize("tls", ["implicit", "STLS"])
@pytest.mark.parametrize("auth", ["user", "plain", "login"])
def test_mpop(house, who, tmp_path, tls, auth):
    new = tmp_path / "mail"
    for part in ("cur", "new", "tmp"):
        (new / part).mkdir(parents=True)
    (tmp_path / "mpoprc").touch(0o600)
    (tmp_path / "mpoprc").write_text(f"""
account gate
host localhost
port {house.gateway.ports["pop3s" if tls == "implicit" else "pop3"]}
auth {auth}
user {who[0]}
password "{who[1]}"
tls on
tls_starttls {"off" if tls == "implicit" else "on"}
tls_trust_file {house.gateway.authority.ca_file}
delivery maildir {new}
uidls_file {tmp_path}/uidls
received_header off
keep on
""")
    run("mpop", "-C", tmp_path / "mpoprc", "gate")
    assert [file.read_bytes() for file in (new / "new").iterdir()] == [MESSAGE.replace(b"\r\n", b"\n")]


@pytest.mark.parametrize("tls", ["implicit", "STLS"])
def test_fetchmail(house, who, tmp_path, tls):
    taker = tmp_path / "take"
    taker.write_text(f'#!/bin/sh\nexec cat >"{tmp_path}/taken"\n')
    taker.chmod(0o700)
    (tmp_path / "fetchmailrc").touch(0o600)
    port, how = ("pop3s", "ssl") if tls == "implicit" else ("pop3", "sslproto tls1.2+")
    (tmp_path / "fetchmailrc").write_text(
        f"poll localhost protocol pop3 service {house.gateway.ports[port]} uidl\n"
        f'user "{who[0]}" password "{who[1]}" is "nobody" here\n'
        f'{how} sslcertck sslcertfile "{house.gateway.authority.ca_file}"\n'
        f'fetchall keep no rewrite no mimedecode mda "{taker}"\n'
    )
    options = ["--invisible", "--nosyslog", "--pidfile", tmp_path / "pid"]
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    run("fetchmail", "-f", tmp_path / "fetchmailrc", *options, env=environment)
    assert (tmp_path / "taken").read_bytes() == MESSAGE.replace(b"\r\n", b"\n")
