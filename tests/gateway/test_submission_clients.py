"""Real programs that send mail, through the gateway to Postfix, by every kind of TLS."""

import json
import smtplib
import ssl
import uuid

import pytest

from tests.gateway.before_dovecot import DORA, FRITZ, MAIN, open_mailhouse
from tests.gateway.mail import run
from tests.gateway.mailservers import POSTFIX_XCLIENT
from tests.gateway.submitting import BODY, head
from tests.servers.maildir import arrived

pytestmark = pytest.mark.timeout(60)

DEVICES = """
[[listener]]
protocol = "smtp"
name = "devices"
address = "127.0.0.1:{third}"
tls = "none"
sources = ["127.0.0.0/8"]
"""
SOURCE = "127.0.0.2"


@pytest.fixture(scope="module")
def house(mailservers, authority, tmp_path_factory):
    settings = mailservers.submission(POSTFIX_XCLIENT) + DEVICES
    folder = tmp_path_factory.mktemp("gateway")
    with open_mailhouse(folder, authority, mailservers.dovecot, settings) as house:
        yield house


@pytest.fixture(params=[f"{FRITZ}, app password", f"{DORA}, main password"])
def who(request, house):
    login, _, kind = request.param.partition(", ")
    return login, MAIN[login] if kind == "main password" else house.given[login].secret


@pytest.fixture
def letter(mailservers, tmp_path):
    """A file with a message; `letter.arrived(user)` is what has become of it."""
    return Letter(mailservers, tmp_path / "letter")


class Letter:
    def __init__(self, mailservers, path):
        self.mark = uuid.uuid4().hex
        self.octets = head(self.mark) + BODY
        self.path = path
        self._postfix = mailservers.postfix
        path.write_bytes(self.octets)

    def assert_arrived(self, user):
        assert arrived(self._postfix.maildir(user), self.mark.encode()) == self.octets


def port(house, tls):
    return {**house.gateway.ports, "none": house.gateway.third}[
        {"implicit": "smtps", "starttls": "smtp"}.get(tls, tls)
    ]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize(
    ("tls", "options"),
    [("implicit", ["--tls-on-connect"]), ("starttls", ["--tls"]), ("none", [])],
)
def test_swaks(house, who, letter, tls, options, mechanism):
    login, password = who
    letter.path.write_bytes(letter.octets.removesuffix(b"\r\n"))  # swaks ends it itself
    ca = ["--tls-verify", "--tls-ca-path", house.gateway.authority.ca_file] if options else []
    run(
        *["swaks", "--server", "localhost", "--port", port(house, tls), "--local-interface", SOURCE],
        *["--from", login, "--to", login, "--auth", mechanism, "--auth-user", login],
        *["--auth-password", password, "--data", f"@{letter.path}", *options, *ca],
    )
    letter.assert_arrived(login)


@pytest.mark.parametrize("mechanism", ["plain", "login"])
@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_msmtp(house, who, letter, tmp_path, tls, mechanism):
    login, password = who
    (tmp_path / "msmtprc").touch(0o600)
    (tmp_path / "msmtprc").write_text(f"""
account gate
host localhost
port {port(house, tls)}
source_ip {SOURCE}
from {login}
auth {mechanism}
user {login}
password "{password}"
tls on
tls_starttls {"on" if tls == "starttls" else "off"}
tls_trust_file {house.gateway.authority.ca_file}
""")
    run("msmtp", "-C", tmp_path / "msmtprc", "-a", "gate", login, text=letter.octets)
    letter.assert_arrived(login)


@pytest.mark.parametrize("mechanism", ["", "AUTH=PLAIN", "AUTH=LOGIN"])
@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_curl(house, who, letter, tls, mechanism):
    login, password = who
    url = f"{'smtps' if tls == 'implicit' else 'smtp'}://localhost:{port(house, tls)}/laptop"
    options = ["--ssl-reqd"] if tls == "starttls" else []
    options += ["--login-options", mechanism] if mechanism else []
    run(
        *["curl", "-sS", "--cacert", house.gateway.authority.ca_file, "--interface", SOURCE],
        *["-u", f"{login}:{password}", "--mail-from", login, "--mail-rcpt", login, "-T", letter.path],
        *[*options, url],
    )
    letter.assert_arrived(login)


NODEMAILER = """
const {login, password, port, secure, ca, source, raw, requireTLS} = JSON.parse(process.argv[1]);
const mailer = require("nodemailer").createTransport({
  host: "localhost", port, secure, requireTLS, localAddress: source, name: "laptop",
  auth: {user: login, pass: password}, tls: {ca: require("fs").readFileSync(ca)},
});
mailer.sendMail({envelope: {from: login, to: login, use8BitMime: true}, raw: {path: raw}})
  .then(() => mailer.close(), error => { console.error(error); process.exit(1); });
"""


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_nodemailer(house, who, letter, tls):
    login, password = who
    options = {
        "login": login,
        "password": password,
        "port": port(house, tls),
        "secure": tls == "implicit",
        "requireTLS": tls == "starttls",
        "ca": str(house.gateway.authority.ca_file),
        "source": SOURCE,
        "raw": str(letter.path),
    }
    environment = {"NODE_PATH": "/usr/share/nodejs", "PATH": "/usr/bin:/bin"}
    run("node", "-e", NODEMAILER, json.dumps(options), env=environment)
    letter.assert_arrived(login)


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_smtplib(house, who, letter, tls, mechanism):
    login, password = who
    context = house.gateway.client_context()
    options = {"source_address": (SOURCE, 0), "local_hostname": "laptop", "timeout": 20}
    if tls == "implicit":
        options |= {"context": context}
    kind = smtplib.SMTP_SSL if tls == "implicit" else smtplib.SMTP
    with kind("localhost", port(house, tls), **options) as client:
        if tls == "starttls":
            client.starttls(context=context)
        client.ehlo()
        client.user, client.password = login, password
        client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))
        client.sendmail(login, [login], letter.octets, ["BODY=8BITMIME"])
    letter.assert_arrived(login)


def test_no_login_is_offered_before_tls(house):
    client = smtplib.SMTP("localhost", port(house, "starttls"))
    with client, pytest.raises(smtplib.SMTPNotSupportedError):
        client.login(FRITZ, house.given[FRITZ].secret)


def test_a_client_that_does_not_trust_the_certificate_sends_nothing(house):
    with pytest.raises(ssl.SSLCertVerificationError):
        smtplib.SMTP_SSL("localhost", port(house, "implicit"), context=ssl.create_default_context())
