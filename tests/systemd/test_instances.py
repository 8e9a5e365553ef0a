"""Instances that share one socket unit are restarted one after the other, and nobody is refused or cut."""

import json

from tests.systemd.clients import Client, crowd
from tests.systemd.site import PORTS, Site, documented

_UNITS = ("wicketgate@1.service", "wicketgate@2.service")


def test_a_rolling_restart_refuses_and_cuts_nobody(site: Site):
    machine = site.machine
    machine.systemctl("start", *_UNITS)
    before = [machine.main_pid(unit) for unit in _UNITS]
    with crowd(machine, site.account):
        for unit in _UNITS:
            machine.systemctl("restart", unit)
    assert all(machine.main_pid(unit) not in (0, old) for unit, old in zip(_UNITS, before, strict=True))


def test_all_instances_take_their_share_of_the_clients(site: Site):
    machine = site.machine
    machine.systemctl("start", *_UNITS)
    with crowd(machine, site.account):
        for unit in _UNITS:
            machine.wait_until(
                lambda unit=unit: "event=login" in machine.journal(unit), f"{unit} has clients"
            )


def test_an_instance_serves_while_the_other_is_stopped(site: Site):
    machine = site.machine
    machine.systemctl("start", *_UNITS)
    with crowd(machine, site.account):
        machine.systemctl("stop", _UNITS[0])
        Client.of(machine, site.account).leave()


def test_all_instances_are_asked_by_commands(site: Site):
    site.machine.systemctl("start", *_UNITS)
    status = json.loads(site.machine.run("wicketgate", "status", "--json").stdout)
    assert [one["worker"] for one in status["workers"]] == [1, 2]


def test_instances_take_the_place_of_the_supervisor(site: Site):
    """Not both at once: systemd ends the one when the other is started."""
    machine = site.machine
    machine.systemctl("start", "wicketgate.service")
    with crowd(machine, site.account):
        machine.systemctl("start", *_UNITS)
        machine.wait_until(
            lambda: machine.property("wicketgate.service", "ActiveState") == "inactive",
            "the supervisor has ended",
        )


def test_the_documented_commands_change_over_to_instances(site: Site):
    machine = site.machine
    machine.systemctl("start", "wicketgate.service")
    with crowd(machine, site.account):
        site.drop_in("wicketgate.socket", PORTS + "Service=wicketgate@1.service\n")
        machine.run("sh", "-ec", documented("Instances"))
        assert [machine.property(unit, "ActiveState") for unit in _UNITS] == ["active", "active"]
    machine.systemctl("disable", *_UNITS)
