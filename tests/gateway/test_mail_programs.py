"""Programs that carry mail on their own: mbsync in both directions, fetchmail once and sitting in IDLE."""

import imaplib
import re
import subprocess
import time

import pytest

from tests.gateway.before_dovecot import DORA, ENNO, FRITZ, MAIN, STATES, new_dovecot, open_mailhouse
from tests.gateway.mail import MESSAGE, fetched, run

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def house(authority, tmp_path_factory):
    with new_dovecot() as dovecot:
        for login in STATES:
            dovecot.deliver(login, MESSAGE)
        with open_mailhouse(tmp_path_factory.mktemp("gateway"), authority, dovecot) as house:
            yield house


@pytest.mark.parametrize(("tls", "port"), [("IMAPS", "imaps"), ("STARTTLS", "imap")])
def test_mbsync_carries_messages_both_ways(house, tmp_path, tls, port):
    ours = b"Subject: by " + tls.encode() + b"\n\n" + MESSAGE.replace(b"\r\n", b"\n")
    near = tmp_path / "mail" / "INBOX"
    for part in ("cur", "new", "tmp"):
        (near / part).mkdir(parents=True)
    (near / "new" / "1.ours.localhost").write_bytes(ours)
    (tmp_path / "mbsyncrc").write_text(f"""
IMAPAccount gate
Host localhost
Port {getattr(house.gateway, port)}
User {ENNO}
Pass {house.given[ENNO].secret}
SSLType {tls}
CertificateFile {house.gateway.authority.ca_file}

IMAPStore far
Account gate

MaildirStore near
Path {tmp_path}/mail/
Inbox {near}

Channel all
Far :far:
Near :near:
SyncState *
""")
    run("mbsync", "-c", tmp_path / "mbsyncrc", "all")
    pulled = [path.read_bytes() for path in near.glob("*/*") if path.is_file()]
    assert MESSAGE.replace(b"\r\n", b"\n") in map(without_mark, pulled)
    with imaplib.IMAP4("localhost", house.dovecot.plain) as direct:
        direct.login(ENNO, MAIN[ENNO])
        assert without_mark(fetched(direct, number="*")) == ours.replace(b"\n", b"\r\n")


def without_mark(message):
    """mbsync marks each message that it carries by a header line of its own."""
    return re.sub(rb"(?m)^X-TUID: .*\r?\n", b"", message)


@pytest.fixture
def fetchmail(house, tmp_path):
    """The command that hands every message of a user to a file of its own, `*.message` in the folder."""

    def command(login, *words):
        taker = tmp_path / "take"
        taker.write_text(f'#!/bin/sh\nn=$(mktemp "{tmp_path}/XXXXXX")\ncat >"$n"\nmv "$n" "$n.message"\n')
        taker.chmod(0o700)
        (tmp_path / "fetchmailrc").touch(0o600)
        (tmp_path / "fetchmailrc").write_text(
            f"poll 127.0.0.1 protocol imap service {house.gateway.imaps}\n"
            f'user "{login}" password "{house.given[login].secret}" is "nobody" here\n'
            f'ssl sslcertck sslcertfile "{house.gateway.authority.ca_file}" sslcommonname "localhost"\n'
            f'keep no rewrite no mimedecode mda "{taker}" {" ".join(words)}\n'
        )
        options = ["--invisible", "--nosyslog", "--pidfile", str(tmp_path / "pid")]
        return ["fetchmail", "-f", str(tmp_path / "fetchmailrc"), *options]

    return command


def handed_on(folder):
    return [file.read_bytes() for file in sorted(folder.glob("*.message"))]


def test_fetchmail_hands_the_message_on(house, fetchmail, tmp_path):
    run(*fetchmail(FRITZ, "fetchall"), env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert handed_on(tmp_path) == [MESSAGE.replace(b"\r\n", b"\n")]


def test_fetchmail_sits_in_idle_and_gets_a_message_that_arrives_meanwhile(house, fetchmail, tmp_path):
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    news = b"Subject: news\n\nfresh\n"
    with subprocess.Popen(
        ["stdbuf", "-oL", *fetchmail(DORA, "idle"), "-v", "-v"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            assert process.stdout is not None
            while b"+ idling" not in (line := process.stdout.readline()) and line:
                pass
            assert line, "fetchmail has ended"
            house.dovecot.deliver(DORA, news)
            wait_until(lambda: news in handed_on(tmp_path))
        finally:
            process.terminate()


def wait_until(happened, seconds=20):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it has not happened"
        time.sleep(0.02)  # another process: there is nothing to await
