"""The gateway on the machine, set up as docs/systemd.md tells administrators."""

import json
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from tests.servers.certificates import Authority
from tests.systemd.clients import Account
from tests.systemd.image import CHECKOUT
from tests.systemd.machine import Machine

IMAPS, SUBMISSIONS = 993, 465
LOGIN = "fritz@example.test"
_MAIL = {"imap": 10143, "smtp": 10587}
_SOURCE = "/usr/src/wicketgate"
_SHARED = "the backend's shared password"
CONFIGURATION = """
[store]
pepper_file = "/etc/credstore/wicketgate.store.pepper_file"
[limits]
drain_seconds = 20
[argon2]
memory_kib = 8
time_cost = 1
[tls]
certificate = "/etc/wicketgate/server.pem"
key = "/etc/wicketgate/server.key"
"""
_LISTENER = """
[[listener]]
protocol = "{protocol}"
address = "[::]:{port}"
tls = "implicit"
[[backend]]
protocol = "{protocol}"
address = "127.0.0.1:{backend}"
tls = "none"
login = "shared-password"
shared_password_file = "/etc/credstore/wicketgate.backend.{protocol}.shared_password_file"
"""
_PORTAL = """
[policy]
portal_url = "https://localhost:8443/security"
[portal]
address = "127.0.0.1:8443"
key_file = "/etc/credstore/wicketgate.portal.key_file"
"""
_MAILSERVER = f"""
[Service]
ExecStart=/opt/wicketgate/bin/python /srv/mailserver.py "{_SHARED}" {_MAIL["imap"]} {_MAIL["smtp"]}
"""
PORTS = f"[Socket]\nListenStream=\nListenStream={IMAPS}\nListenStream={SUBMISSIONS}\n"


@dataclass(frozen=True, slots=True)
class Site:
    """The machine, and the one who may log in there."""

    machine: Machine
    account: Account

    def configure(self, more: str = "", text: str = "") -> None:
        """Replace the configuration; `more` is appended to the usual one."""
        listeners = _LISTENER.format(protocol="imap", port=IMAPS, backend=_MAIL["imap"])
        listeners += _LISTENER.format(protocol="smtp", port=SUBMISSIONS, backend=_MAIL["smtp"])
        write(self.machine, "/etc/wicketgate/wicketgate.toml", text or CONFIGURATION + listeners + more)

    def drop_in(self, unit: str, text: str) -> None:
        """Settings of the administrator for a unit, as `systemctl edit` makes them; none with no text."""
        write(self.machine, f"/etc/systemd/system/{unit}.d/override.conf", text)
        self.machine.systemctl("daemon-reload")


def set_up(machine: Machine, folder: Path) -> Site:
    """`folder` takes what is made on the way."""
    _copy_checkout(machine)
    machine.run("sh", "-ec", f"cd {_SOURCE}; {documented('Install')}")
    authority = Authority(folder)
    _secrets(machine, authority)
    _start_mailserver(machine)
    site = Site(machine, Account(IMAPS, authority.client_context(), LOGIN, ""))
    site.configure()
    machine.run("sh", "-ec", documented("Secrets"))
    site.drop_in("wicketgate.socket", PORTS)
    return Site(machine, replace(site.account, secret=_move_in(machine)))


def set_up_portal(site: Site) -> None:
    """As docs/portal.md tells administrators."""
    site.configure(_PORTAL)
    site.machine.run("sh", "-ec", documented("Under systemd", "portal.md"))
    site.machine.systemctl("stop", "wicketgate-portal.service")


def documented(heading: str, page: str = "systemd.md") -> str:
    """The commands in this section of a page of docs/."""
    text = (CHECKOUT / "docs" / page).read_text()
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    commands = "".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    assert commands, heading
    return commands


def write(machine: Machine, inside: str, text: str) -> None:
    path = machine.path(inside)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _secrets(machine: Machine, authority: Authority) -> None:
    pair = authority.server()
    write(machine, "/etc/wicketgate/server.pem", pair.certificate.read_text())
    write(machine, "/etc/wicketgate/server.key", pair.key.read_text())
    machine.run("chmod", "640", "/etc/wicketgate/server.key")
    machine.run("chgrp", "wicketgate", "/etc/wicketgate/server.key")
    for protocol in _MAIL:
        secret = f"/etc/credstore/wicketgate.backend.{protocol}.shared_password_file"
        write(machine, secret, _SHARED)
        machine.run("chmod", "600", secret)


def _copy_checkout(machine: Machine) -> None:
    for name in ("config", "protocols", "store", "portal", "gateway", "systemd"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / name, machine.path(f"{_SOURCE}/{name}"), ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "requirements/runtime.txt"):
        write(machine, f"{_SOURCE}/{name}", (CHECKOUT / name).read_text())


def _start_mailserver(machine: Machine) -> None:
    write(machine, "/srv/mailserver.py", (Path(__file__).parent / "mailserver.py").read_text())
    write(machine, "/etc/systemd/system/mailserver.service", _MAILSERVER)
    machine.systemctl("daemon-reload")
    machine.systemctl("start", "mailserver")
    for port in _MAIL.values():
        machine.wait_until(lambda port=port: machine.listens(port), f"a mail server at {port}", 60)


def _move_in(machine: Machine) -> str:
    """Add the user. Returns the app password."""
    machine.run("wicketgate", "user", "add", LOGIN, "--mfa", "enforced")
    made = machine.run("wicketgate", "app-password", "create", LOGIN, "--name", "Outlook 2010", "--json")
    secret: str = json.loads(made.stdout)["secret"]
    return secret
