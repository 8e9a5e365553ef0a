"""Sockets of systemd's: who comes before the gateway runs, or while it restarts, is served all the same."""

from tests.systemd.clients import Client, crowd
from tests.systemd.site import PORTS, Site, documented


def test_the_first_client_starts_the_gateway_and_is_served(site: Site):
    site.machine.systemctl("start", "wicketgate.socket")
    assert site.machine.property("wicketgate.service", "ActiveState") == "inactive"
    client = Client.of(site.machine, site.account)
    client.command("SELECT INBOX")
    client.leave()
    site.machine.wait_until_active("wicketgate.service")


def test_who_came_while_it_could_not_start_is_served_once_it_can(site: Site):
    machine = site.machine
    site.configure(text="no configuration")
    machine.systemctl("start", "wicketgate.socket")
    waiting = machine.connect(site.account.port)
    machine.wait_until(
        lambda: int(machine.property("wicketgate.service", "NRestarts")) > 1, "systemd has tried again", 60
    )
    site.configure()
    Client(waiting, site.account).leave()


def test_the_first_client_starts_an_instance_where_these_are_wanted(site: Site):
    site.drop_in("wicketgate.socket", PORTS + "Service=wicketgate@1.service\n")
    site.machine.systemctl("start", "wicketgate.socket")
    Client.of(site.machine, site.account).leave()
    site.machine.wait_until_active("wicketgate@1.service")
    assert site.machine.property("wicketgate.service", "ActiveState") == "inactive"


def test_the_documented_commands_run_it_from_now_on(site: Site):
    site.machine.run("sh", "-ec", documented("Run"))
    Client.of(site.machine, site.account).leave()
    for unit in ("wicketgate.socket", "wicketgate.service"):
        assert site.machine.property(unit, "UnitFileState") == "enabled"
    site.machine.systemctl("disable", "wicketgate.socket", "wicketgate.service")


def test_a_restart_refuses_and_cuts_nobody(site: Site):
    machine = site.machine
    machine.systemctl("start", "wicketgate.service")
    before = machine.main_pid("wicketgate.service")
    with crowd(machine, site.account):
        machine.systemctl("restart", "wicketgate.service")
        assert machine.main_pid("wicketgate.service") != before
        Client.of(machine, site.account).leave()
