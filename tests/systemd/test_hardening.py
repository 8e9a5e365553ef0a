"""What the units allow: little, and all that the gateway needs."""

import re
from collections.abc import Iterator

import pytest

from tests.systemd.clients import Client
from tests.systemd.site import Site

MOST = 1.3


@pytest.fixture(scope="module", params=["wicketgate.service", "wicketgate@1.service"])
def unit(whole_site: Site, request: pytest.FixtureRequest) -> Iterator[str]:
    """One that serves."""
    whole_site.machine.systemctl("start", request.param)
    yield request.param
    whole_site.machine.systemctl("stop", "wicketgate.socket", request.param)


def test_systemd_understands_every_line(whole_site: Site, unit):
    file = f"/etc/systemd/system/{unit.replace('@1', '@')}"
    done = whole_site.machine.run("systemd-analyze", "verify", file)
    assert done.stdout + done.stderr == ""


def test_exposure_is_low(whole_site: Site, unit):
    said = whole_site.machine.run("systemd-analyze", "security", "--no-pager", unit).stdout
    score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert score is not None, said
    assert float(score[1]) <= MOST, said


def test_it_serves_without_rights(whole_site: Site, unit):
    machine = whole_site.machine
    Client.of(machine, whole_site.account).leave()
    status = machine.run("cat", f"/proc/{machine.main_pid(unit)}/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {fields[name] for name in ("CapEff", "CapPrm", "CapBnd")} == {"0" * 16}
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")
    user = machine.run("id", "--user", "wicketgate").stdout.strip()
    assert set(fields["Uid"].split()) == {user}


def test_nothing_is_written_to_disk_but_the_store(whole_site: Site, unit):
    """As the process itself sees the file system. /var/tmp is the unit's own, by PrivateTmp=."""
    machine = whole_site.machine
    seen = machine.run("cat", f"/proc/{machine.main_pid(unit)}/mounts").stdout
    mounts = [line.split() for line in seen.splitlines()]
    writable = {where for _, where, kind, how, *_ in mounts if how.startswith("rw") and kind == "overlay"}
    assert writable == {"/var/lib/wicketgate", "/var/tmp"}


def test_secrets_come_as_credentials_that_the_user_could_not_read(whole_site: Site, unit):
    """The configuration names files below /etc/credstore, without which nobody could be admitted."""
    machine = whole_site.machine
    refused = machine.run("runuser", "-u", "wicketgate", "--", "ls", "/etc/credstore", check=False)
    assert refused.returncode != 0
    Client.of(machine, whole_site.account).leave()
