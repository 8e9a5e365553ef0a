"""A process that hangs is restarted."""

import pytest

from tests.systemd.clients import Client
from tests.systemd.site import Site

_SOON = "[Service]\nWatchdogSec=3\n"
both = pytest.mark.parametrize("unit", ["wicketgate.service", "wicketgate@1.service"])


def hang(site: Site, unit: str) -> None:
    """Until systemd has replaced the main process."""
    machine = site.machine
    before = machine.main_pid(unit)
    machine.systemctl("kill", "--kill-who=main", "--signal=SIGSTOP", unit)
    machine.wait_until(lambda: machine.main_pid(unit) not in (0, before), f"{unit} is restarted", 60)
    machine.wait_until_active(unit)
    assert "Watchdog timeout" in machine.journal(unit)


@both
def test_a_main_process_that_hangs_is_restarted(site: Site, unit):
    site.drop_in(unit.replace("@1", "@"), _SOON)
    site.machine.systemctl("start", unit)
    hang(site, unit)
    Client.of(site.machine, site.account).leave()


def test_sessions_outlive_a_supervisor_that_hangs(site: Site):
    site.drop_in("wicketgate.service", _SOON)
    site.machine.systemctl("start", "wicketgate.service")
    client = Client.of(site.machine, site.account)
    hang(site, "wicketgate.service")
    client.command("NOOP")
    client.leave()
    Client.of(site.machine, site.account).leave()
