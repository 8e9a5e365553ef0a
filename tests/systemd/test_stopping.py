"""Who is in goes on for the drain time, whatever the unit's own time-out is."""

import time

import pytest

from tests.systemd.clients import Client
from tests.systemd.site import Site

_HASTY = "[Service]\nTimeoutStopSec=2\n"


@pytest.mark.parametrize("unit", ["wicketgate.service", "wicketgate@1.service"])
def test_a_drain_that_takes_longer_than_the_time_out_is_waited_for(site: Site, unit):
    machine = site.machine
    site.drop_in(unit.replace("@1", "@"), _HASTY)
    machine.systemctl("start", unit)
    client = Client.of(machine, site.account)
    machine.systemctl("stop", "--no-block", unit)
    machine.wait_until(lambda: "event=draining" in machine.journal(unit), "the drain begins")
    for _ in range(10):
        client.command("NOOP")
        time.sleep(0.5)  # together more than the time-out
    client.leave()
    machine.wait_until(lambda: machine.property(unit, "ActiveState") == "inactive", "it has stopped")
    assert machine.property(unit, "Result") == "success"
