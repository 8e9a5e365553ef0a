"""`wicketgate demo` as a child, and clients of it."""

import imaplib
import json
import os
import poplib
import smtplib
import ssl
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.demo.directory_client import DirectoryClient
from tests.demo.sieve_client import SieveClient
from tests.servers.ports import free_base

WICKETGATE = Path(sys.executable).parent / "wicketgate"
OFFSETS = {
    "imap": 143,
    "imaps": 993,
    "smtp": 587,
    "smtps": 465,
    "pop3": 110,
    "pop3s": 995,
    "sieve": 4190,
    "ldap": 389,
    "ldaps": 636,
    "portal": 443,
}


class Demo:
    """The demo as a child, and what it wrote about itself."""

    def __init__(self, folder, *arguments):
        self.describe = folder / "demo.json"
        self.port_base = free_base(OFFSETS.values())
        command = [
            WICKETGATE,
            "demo",
            "--port-base",
            str(self.port_base),
            "--describe",
            self.describe,
            *arguments,
        ]
        # Not pytest's own folder: with its long name the path of a socket would be too long.
        self._temporary = tempfile.TemporaryDirectory(prefix="demo-")
        environment = {**os.environ, "TMPDIR": self._temporary.name}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, text=True, env=environment, **pipes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        self._temporary.cleanup()

    def described(self, seconds=60):
        end = time.monotonic() + seconds
        while not self.describe.exists():
            assert time.monotonic() < end
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.05)
        return json.loads(self.describe.read_text())

    def user(self, number):
        """Login, main password and app password; 0: MFA is disabled, 1: enabled, 2: enforced."""
        user = self.described()["users"][number]
        return user["login"], user["main_password"], user["app_passwords"][0]["secret"]

    def run(self, *arguments):
        """What a command says that is given the demo's configuration."""
        environment = {**os.environ, "WICKETGATE_CONFIG": self.described()["config_file"]}
        done = subprocess.run([WICKETGATE, *arguments], capture_output=True, text=True, env=environment)
        assert done.stderr == ""
        return done.stdout

    def ended(self, seconds=60):
        output, errors = self.process.communicate(timeout=seconds)
        return self.process.returncode, output, errors


def trust(demo):
    return ssl.create_default_context(cafile=demo.described()["ca_file"])


def port(demo, name):
    return demo.described()["ports"][name]


@contextmanager
def imap(demo):
    """With TLS from the first byte, as those below unless they say something else."""
    client = imaplib.IMAP4_SSL("localhost", port(demo, "imaps"), ssl_context=trust(demo), timeout=20)
    try:
        yield client
    finally:
        with suppress(OSError):
            client.shutdown()


@contextmanager
def pop3(demo, stls=False):
    if stls:
        client = poplib.POP3("localhost", port(demo, "pop3"), timeout=20)
        client.stls(trust(demo))
    else:
        client = poplib.POP3_SSL("localhost", port(demo, "pop3s"), context=trust(demo), timeout=20)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def smtp(demo, starttls=False):
    if starttls:
        client = smtplib.SMTP("localhost", port(demo, "smtp"), local_hostname="laptop", timeout=20)
        client.starttls(context=trust(demo))
    else:
        client = smtplib.SMTP_SSL(
            "localhost", port(demo, "smtps"), local_hostname="laptop", context=trust(demo), timeout=20
        )
    try:
        client.ehlo()
        yield client
    finally:
        client.close()


@contextmanager
def sieve(demo):
    """With STARTTLS: ManageSieve has no other way."""
    with SieveClient(port(demo, "sieve")) as client:
        client.start_tls(trust(demo))
        yield client


@contextmanager
def ldap(demo, starttls=False):
    with DirectoryClient(
        port(demo, "ldap" if starttls else "ldaps"), demo.described()["ca_file"], starttls
    ) as client:
        yield client
